package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The members of an object without references, as values of Java. Asking for a member the object
 * cannot have is an error of the program. Immutable.
 */
record Fields(Value.Struct struct, Place place) {
  /** As many seconds as can be counted in milliseconds by an int of seconds. */
  private static final double LONGEST_SECONDS = Integer.MAX_VALUE;

  /** Something that may refuse its input. */
  interface Reader<T> {
    T read(Fields fields) throws InvalidTaskException;
  }

  boolean has(String name) {
    struct.type().member(name);
    return struct.member(name) != null;
  }

  String text(String name) throws InvalidTaskException {
    return get(name, Value.Text.class).text();
  }

  Optional<String> textIfAny(String name) throws InvalidTaskException {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  boolean flag(String name) throws InvalidTaskException {
    return get(name, Value.Flag.class).on();
  }

  double real(String name) throws InvalidTaskException {
    return get(name, Value.Real.class).number();
  }

  long whole(String name) throws InvalidTaskException {
    return get(name, Value.Int.class).number();
  }

  int number(String name) throws InvalidTaskException {
    return small(whole(name), place.member(name));
  }

  int numberFrom(String name, int least) throws InvalidTaskException {
    int number = number(name);
    if (number < least) {
      throw place.member(name).invalid("must be at least " + least + ", not " + number);
    }
    return number;
  }

  /** Whole seconds; less than none are none. */
  Duration wholeSeconds(String name) throws InvalidTaskException {
    return Duration.ofSeconds(Math.max(0, number(name)));
  }

  Duration seconds(String name, boolean zero) throws InvalidTaskException {
    double seconds = real(name);
    if (seconds < 0 || (seconds == 0 && !zero) || seconds > LONGEST_SECONDS) {
      throw place
          .member(name)
          .invalid("must be a number of seconds " + (zero ? "from" : "above") + " 0");
    }
    Duration duration = Duration.ofNanos(Math.round(seconds * 1e9));
    return zero || !duration.isZero() ? duration : Duration.ofNanos(1);
  }

  Fields fields(String name) throws InvalidTaskException {
    return new Fields(get(name, Value.Struct.class), place.member(name));
  }

  /** The value of an object, if it is there. */
  <T> Optional<T> ifAny(String name, Reader<T> reader) throws InvalidTaskException {
    return has(name) ? Optional.of(reader.read(fields(name))) : Optional.empty();
  }

  ImmutableList<Integer> numbers(String name) throws InvalidTaskException {
    ImmutableList.Builder<Integer> numbers = ImmutableList.builder();
    ImmutableList<Value> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      numbers.add(small(((Value.Int) items.get(i)).number(), place.member(name).item(i)));
    }
    return numbers.build();
  }

  ImmutableList<String> texts(String name) throws InvalidTaskException {
    return each(name, (item, where) -> ((Value.Text) item).text());
  }

  /** The objects of a list; none if it is absent. */
  ImmutableList<Fields> list(String name) throws InvalidTaskException {
    return each(name, (item, where) -> new Fields((Value.Struct) item, where));
  }

  /** The texts of a map; none if it is absent. */
  ImmutableMap<String, String> map(String name) throws InvalidTaskException {
    ImmutableMap.Builder<String, String> texts = ImmutableMap.builder();
    if (has(name)) {
      for (Map.Entry<String, Value> entry : get(name, Value.Entries.class).entries().entrySet()) {
        texts.put(entry.getKey(), ((Value.Text) entry.getValue()).text());
      }
    }
    return texts.buildOrThrow();
  }

  private <T> ImmutableList<T> each(String name, BiFunction<Value, Place, T> reader)
      throws InvalidTaskException {
    ImmutableList.Builder<T> all = ImmutableList.builder();
    ImmutableList<Value> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      all.add(reader.apply(items.get(i), place.member(name).item(i)));
    }
    return all.build();
  }

  private ImmutableList<Value> items(String name) throws InvalidTaskException {
    return has(name) ? get(name, Value.Items.class).items() : ImmutableList.of();
  }

  private <T extends Value> T get(String name, Class<T> shape) throws InvalidTaskException {
    struct.type().member(name);
    Value value = struct.member(name);
    if (!shape.isInstance(value)) {
      throw place.member(name).invalid("must have a value of its own, and no reference");
    }
    return shape.cast(value);
  }

  private static int small(long number, Place place) throws InvalidTaskException {
    Integer small = Ints.tryParse(Long.toString(number));
    if (small == null) {
      throw place.invalid("is out of range: " + number);
    }
    return small;
  }
}
