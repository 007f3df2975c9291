package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.Range;
import java.util.Collection;
import java.util.TreeSet;

/** Writes sets of instance ids as few closed ranges, ascending. Stateless. */
final class InstanceRanges {
  private InstanceRanges() {}

  static ImmutableSet<Range> of(Collection<Integer> instances) {
    ImmutableSet.Builder<Range> ranges = ImmutableSet.builder();
    boolean open = false;
    int first = 0;
    int last = 0;
    for (int id : new TreeSet<>(instances)) {
      if (open && id == last + 1) {
        last = id;
        continue;
      }
      if (open) {
        ranges.add(new Range(first, last));
      }
      open = true;
      first = id;
      last = id;
    }
    if (open) {
      ranges.add(new Range(first, last));
    }
    return ranges.build();
  }
}
