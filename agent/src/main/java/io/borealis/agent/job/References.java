package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.Map;
import java.util.function.Predicate;

/** The references that are in values still. Pure. */
final class References {
  private References() {}

  /** A reference and where it is. */
  record Located(Reference reference, Place place) {
    /** The port it stands for. */
    String port() throws InvalidTaskException {
      ImmutableList<Reference.Part> parts = reference.parts();
      if (parts.size() != 3 || !parts.get(2).index()) {
        throw place.invalid(reference + " names no port; {{thermos.ports[name]}} does");
      }
      return parts.get(2).text();
    }
  }

  /** All of them, in order. */
  static ImmutableList<Located> in(Value value, Place place) throws InvalidTaskException {
    ImmutableList.Builder<Located> found = ImmutableList.builder();
    collect(value, place, found);
    return found.build();
  }

  private static void collect(Value value, Place place, ImmutableList.Builder<Located> found)
      throws InvalidTaskException {
    if (value instanceof Value.Text text) {
      for (Reference reference : Template.references(text.text(), place)) {
        found.add(new Located(reference, place));
      }
    } else if (value instanceof Value.Items list) {
      for (int i = 0; i < list.items().size(); i++) {
        collect(list.items().get(i), place.item(i), found);
      }
    } else if (value instanceof Value.Entries map) {
      for (Map.Entry<String, Value> entry : map.entries().entrySet()) {
        collect(entry.getValue(), place.entry(entry.getKey()), found);
      }
    } else if (value instanceof Value.Struct struct) {
      for (Map.Entry<String, Value> member : struct.members().entrySet()) {
        collect(member.getValue(), place.member(member.getKey()), found);
      }
    }
  }

  /** The names of ports a value refers to. */
  static ImmutableSet<String> ports(Value value, Place place) throws InvalidTaskException {
    ImmutableSet.Builder<String> ports = ImmutableSet.builder();
    for (Located located : in(value, place)) {
      if (isPort(located.reference())) {
        ports.add(located.port());
      }
    }
    return ports.build();
  }

  /**
   * Refuses references but those that have a value later.
   *
   * @throws InvalidTaskException if there are others
   */
  static void requireOnly(Predicate<Reference> later, Value value, Place place)
      throws InvalidTaskException {
    for (Located located : in(value, place)) {
      if (!later.test(located.reference())) {
        throw located
            .place()
            .invalid(
                isPort(located.reference())
                    ? "port " + Place.quoted(located.port()) + " has no number"
                    : located.reference() + " stands for nothing that is known here");
      }
    }
  }

  /** The value in its last form: what only looked like references looks like them now. */
  static Value unescape(Value value) {
    if (value instanceof Value.Text text) {
      return new Value.Text(Template.unescape(text.text()));
    }
    if (value instanceof Value.Items list) {
      return new Value.Items(
          list.items().stream().map(References::unescape).collect(ImmutableList.toImmutableList()));
    }
    if (value instanceof Value.Entries map) {
      return new Value.Entries(
          ImmutableMap.copyOf(Maps.transformValues(map.entries(), inner -> unescape(inner))));
    }
    return value instanceof Value.Struct struct ? unescape(struct) : value;
  }

  /** The object in its last form. */
  static Value.Struct unescape(Value.Struct struct) {
    return new Value.Struct(
        struct.type(),
        ImmutableMap.copyOf(Maps.transformValues(struct.members(), inner -> unescape(inner))));
  }

  private static boolean isPort(Reference reference) {
    return reference.isBelow("thermos", "ports");
  }
}
