package io.borealis.agent.job;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Follows names of ports that stand for other names or for numbers. Pure. */
final class Portmap {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int LARGEST = 65_535;

  private final Map<String, String> portmap;
  private final Place place;

  /**
   * @param portmap for each name another one or a number
   * @param place where it is, for messages
   */
  Portmap(Map<String, String> portmap, Place place) {
    this.portmap = portmap;
    this.place = place;
  }

  /**
   * The numbers of all names that have one, in the order of the names.
   *
   * @param assigned count more than what the map says of the same name
   * @throws InvalidTaskException if names go in a circle, or a number is no port
   */
  ImmutableMap<String, Integer> numbers(Map<String, Integer> assigned) throws InvalidTaskException {
    Map<String, Integer> numbers = new TreeMap<>(assigned);
    for (String name : portmap.keySet()) {
      String end = end(name, assigned.keySet());
      if (assigned.containsKey(end)) {
        numbers.putIfAbsent(name, assigned.get(end));
      } else if (isNumber(end)) {
        numbers.put(name, port(name, end));
      }
    }
    return ImmutableMap.copyOf(numbers);
  }

  /**
   * The names of the ports a task has to be given, in their order.
   *
   * @param referenced names that commands refer to
   * @throws InvalidTaskException if names go in a circle, or a number is no port
   */
  ImmutableSet<String> wanted(Set<String> referenced) throws InvalidTaskException {
    Set<String> names = new TreeSet<>(portmap.keySet());
    names.addAll(referenced);
    Set<String> wanted = new TreeSet<>();
    for (String name : names) {
      String end = end(name, ImmutableSet.of());
      if (!portmap.containsKey(name) || !isNumber(end)) {
        wanted.add(end);
      } else {
        port(name, end);
      }
    }
    return ImmutableSet.copyOf(wanted);
  }

  /** The last name, or the number, that a name leads to. */
  private String end(String name, Set<String> known) throws InvalidTaskException {
    Set<String> seen = new HashSet<>();
    String end = name;
    while (!known.contains(end) && portmap.containsKey(end)) {
      if (!seen.add(end)) {
        throw place.entry(name).invalid("leads in a circle");
      }
      end = portmap.get(end).strip();
    }
    return end;
  }

  private static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  private int port(String name, String number) throws InvalidTaskException {
    Integer port = Ints.tryParse(number);
    if (port == null || port == 0 || port > LARGEST) {
      throw place
          .entry(name)
          .invalid("must be a name or from 1 to " + LARGEST + ", not " + Place.quoted(number));
    }
    return port;
  }
}
