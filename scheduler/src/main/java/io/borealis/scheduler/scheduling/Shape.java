package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Constraint;
import io.borealis.scheduler.cluster.Demand;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Groups that need and demand the same of a host: one that has too little for a task of one of them
 * has too little for all. For one thread.
 */
final class Shape {
  /** What makes hosts judge tasks alike. Immutable. */
  record Key(Demand need, ImmutableList<Constraint> constraints) {
    static Key of(Matcher.Request request) {
      return new Key(request.need(), request.constraints());
    }
  }

  final Key key;

  /** How many groups have this shape, those that wait included. */
  int size;

  /** All offers that arrived until then do not suit any of its tasks. */
  long seen;

  /** Those that may be tried, by turn. */
  private final TreeMap<Long, Group> groups = new TreeMap<>();

  Shape(Key key) {
    this.key = key;
  }

  void admit(Group group) {
    groups.put(group.turn, group);
  }

  void dismiss(Group group) {
    groups.remove(group.turn, group);
  }

  boolean has(Group group) {
    return groups.get(group.turn) == group;
  }

  /** The group whose turn comes after the given one. */
  @Nullable Group after(long turn) {
    Map.Entry<Long, Group> next = groups.higherEntry(turn);
    return next == null ? null : next.getValue();
  }
}
