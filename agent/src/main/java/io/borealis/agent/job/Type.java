package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a value of a configuration may be. Immutable. */
sealed interface Type {
  /** A value without parts. */
  sealed interface Leaf extends Type {}

  /** The kinds of values without parts. */
  enum Scalar implements Leaf {
    STRING,
    INTEGER,
    FLOAT,
    BOOLEAN
  }

  /** One of a few texts. */
  record OneOf(ImmutableList<String> values) implements Leaf {}

  record ListOf(Type element) implements Type {}

  record MapOf(Type value) implements Type {}

  /** Any of several objects, told apart by their members. */
  record Choice(ImmutableList<Struct> alternatives) implements Type {}

  /**
   * A member of an object.
   *
   * @param standard its value if it is absent; null for none
   */
  record Member(Type type, boolean required, @Nullable Value standard) {}

  /** An object whose members are known. Two are the same only if they are one. */
  final class Struct implements Type {
    private final String name;
    private final ImmutableMap<String, Member> members;

    private Struct(String name, ImmutableMap<String, Member> members) {
      this.name = name;
      this.members = members;
    }

    static Builder named(String name) {
      return new Builder(name);
    }

    String name() {
      return name;
    }

    ImmutableMap<String, Member> members() {
      return members;
    }

    /**
     * The member of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    Member member(String member) {
      Member its = members.get(member);
      if (its == null) {
        throw new IllegalArgumentException(name + " has no member " + member);
      }
      return its;
    }

    /** The object without any member given. */
    Value.Struct empty() {
      ImmutableMap.Builder<String, Value> values = ImmutableMap.builder();
      members.forEach(
          (member, its) -> {
            if (its.standard() != null) {
              values.put(member, its.standard());
            }
          });
      return new Value.Struct(this, values.buildOrThrow());
    }

    /** The same with other conditions for one member. */
    Struct with(String member, Member its) {
      Map<String, Member> changed = new LinkedHashMap<>(members);
      changed.put(member, its);
      return new Struct(name, ImmutableMap.copyOf(changed));
    }

    /** The same without some members. */
    Struct without(String... gone) {
      Map<String, Member> left = new LinkedHashMap<>(members);
      for (String member : gone) {
        left.remove(member);
      }
      return new Struct(name, ImmutableMap.copyOf(left));
    }

    @Override
    public String toString() {
      return name;
    }

    /** Collects members; confined to its caller. */
    static final class Builder {
      private final String name;
      private final Map<String, Member> members = new LinkedHashMap<>();

      private Builder(String name) {
        this.name = name;
      }

      Builder required(String member, Type type) {
        members.put(member, new Member(type, true, null));
        return this;
      }

      Builder optional(String member, Type type) {
        members.put(member, new Member(type, false, null));
        return this;
      }

      Builder standard(String member, Type type, Value standard) {
        members.put(member, new Member(type, false, standard));
        return this;
      }

      Builder standard(String member, String text) {
        return standard(member, Scalar.STRING, new Value.Text(text));
      }

      Builder standard(String member, long number) {
        return standard(member, Scalar.INTEGER, new Value.Int(number));
      }

      Builder standard(String member, double number) {
        return standard(member, Scalar.FLOAT, new Value.Real(number));
      }

      Builder standard(String member, boolean on) {
        return standard(member, Scalar.BOOLEAN, new Value.Flag(on));
      }

      Builder emptyList(String member, Type element) {
        return standard(member, new ListOf(element), new Value.Items(ImmutableList.of()));
      }

      Struct build() {
        return new Struct(name, ImmutableMap.copyOf(members));
      }
    }
  }
}
