package io.borealis.agent.observer;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.borealis.thrift.HttpCall;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request, taken apart. Each part of the path is decoded once, so what is a slash after that is
 * no end of a part, and what is encoded twice stays encoded. Immutable.
 *
 * @param word the first part of the path; empty for the root
 * @param parts those after it
 */
record Ask(HttpCall call, String word, ImmutableList<String> parts) {
  private static final Splitter SLASHES = Splitter.on('/');
  private static final Splitter AMPERSANDS = Splitter.on('&');

  /**
   * Takes a request apart.
   *
   * @throws IllegalArgumentException when it is not encoded as it should be
   */
  static Ask of(HttpCall call) {
    List<String> parts = new ArrayList<>();
    for (String part : SLASHES.split(call.path().substring(1))) {
      parts.add(decoded(part.replace("+", "%2B")));
    }
    String word = parts.remove(0);
    return new Ask(call, word, ImmutableList.copyOf(parts));
  }

  /** The part at an index; null if there are fewer. */
  @Nullable String part(int index) {
    return index < parts.size() ? parts.get(index) : null;
  }

  /** The parts from an index on; a slash at the end is passed over. */
  ImmutableList<String> rest(int from) {
    int to = parts.size();
    if (to > from && parts.get(to - 1).isEmpty()) {
      to--;
    }
    return parts.subList(Math.min(from, to), to);
  }

  /** A parameter of the query; null if it is not there. */
  @Nullable String parameter(String name) {
    for (String pair : AMPERSANDS.split(call.query())) {
      if (pair.startsWith(name + "=")) {
        return decoded(pair.substring(name.length() + 1));
      }
    }
    return null;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
