package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.common.primitives.Ints;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts values in the place of references. What a reference means is looked up in the object it
 * stands in, in the objects around that from the inside out, and at last among the bindings. One
 * that means nothing stays. Confined to its caller.
 */
final class Interpolator {
  /** After so many replacements of what replacements brought there is no end to expect. */
  private static final int MAX_ROUNDS = 100;

  /** Characters that may be looked at, which a few references to references can multiply. */
  private static final long MAX_WORK = 4 << 20;

  /** What a look at a text costs in addition. */
  private static final int LOOK = 64;

  private final ImmutableMap<String, String> bindings;
  private long work = MAX_WORK;

  private Interpolator(Map<String, String> bindings) {
    this.bindings = ImmutableMap.copyOf(bindings);
  }

  /** An object, and what is around it. */
  private record Scope(Value.Struct owner, @Nullable Scope outer) {}

  /** A value, and the object in which its own references are to be looked up. */
  private record Found(Value.Scalar value, Scope scope) {}

  /**
   * The object with all values that can be had now; those without references left are of their
   * type.
   *
   * @param bindings texts by address
   * @throws InvalidTaskException if references have no end, or a value is not of its type
   */
  static Value.Struct interpolate(Value.Struct root, Place place, Map<String, String> bindings)
      throws InvalidTaskException {
    return new Interpolator(bindings).struct(root, null, place);
  }

  private Value value(Value value, Type type, Scope scope, Place place)
      throws InvalidTaskException {
    if (value instanceof Value.Struct struct) {
      return struct(struct, scope, place);
    }
    if (value instanceof Value.Items list) {
      return items(list, ((Type.ListOf) type).element(), scope, place);
    }
    if (value instanceof Value.Entries map) {
      return entries(map, ((Type.MapOf) type).value(), scope, place);
    }
    if (value instanceof Value.Text text && text.text().contains(Template.OPEN)) {
      String resolved = resolve(text.text(), scope, 0, place);
      return Template.references(resolved, place).isEmpty()
          ? Coercion.coerce((Type.Leaf) type, new Value.Text(resolved), place)
          : new Value.Text(resolved);
    }
    return value;
  }

  private Value.Struct struct(Value.Struct struct, @Nullable Scope outer, Place place)
      throws InvalidTaskException {
    Scope scope = new Scope(struct, outer);
    ImmutableMap.Builder<String, Value> members = ImmutableMap.builder();
    for (Map.Entry<String, Value> member : struct.members().entrySet()) {
      String name = member.getKey();
      Type type = struct.type().member(name).type();
      members.put(name, value(member.getValue(), type, scope, place.member(name)));
    }
    return new Value.Struct(struct.type(), members.buildOrThrow());
  }

  private Value items(Value.Items list, Type type, Scope scope, Place place)
      throws InvalidTaskException {
    ImmutableList.Builder<Value> items = ImmutableList.builder();
    for (int i = 0; i < list.items().size(); i++) {
      items.add(value(list.items().get(i), type, scope, place.item(i)));
    }
    return new Value.Items(items.build());
  }

  private Value entries(Value.Entries map, Type type, Scope scope, Place place)
      throws InvalidTaskException {
    ImmutableMap.Builder<String, Value> entries = ImmutableMap.builder();
    for (Map.Entry<String, Value> entry : map.entries().entrySet()) {
      entries.put(
          entry.getKey(), value(entry.getValue(), type, scope, place.entry(entry.getKey())));
    }
    return new Value.Entries(entries.buildOrThrow());
  }

  private String resolve(String text, Scope scope, int depth, Place place)
      throws InvalidTaskException {
    if (depth > MAX_ROUNDS) {
      throw place.invalid("leads to itself, or through too many others");
    }
    String current = text;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      work -= current.length() + LOOK;
      if (work < 0) {
        throw place.invalid("references make the configuration too large");
      }
      String next = Template.replace(current, place, at -> textOf(at, scope, depth, place));
      if (next == null) {
        return current;
      }
      current = next;
    }
    throw place.invalid("references lead to further ones without end: " + Place.quoted(text));
  }

  private @Nullable String textOf(Reference reference, Scope scope, int depth, Place place)
      throws InvalidTaskException {
    work -= LOOK;
    Found found = find(reference, scope);
    if (found == null) {
      return spent(bindings.get(reference.address()));
    }
    if (found.value() instanceof Value.Text text) {
      return spent(resolve(text.text(), found.scope(), depth + 1, place));
    }
    return found.value().asText();
  }

  /** Counts what a replacement adds before it is put together with others. */
  private @Nullable String spent(@Nullable String replacement) {
    work -= replacement == null ? 0 : replacement.length();
    return work < 0 ? "" : replacement;
  }

  private static @Nullable Found find(Reference reference, Scope from) {
    ImmutableList<Reference.Part> parts = reference.parts();
    Scope scope = from;
    int at = 0;
    while (at < parts.size() && !parts.get(at).index()) {
      String name = parts.get(at).text();
      if (name.equals("super") && scope.outer() != null) {
        scope = scope.outer();
      } else if (!name.equals("self")) {
        break;
      }
      at++;
    }
    if (at > 0) {
      return descend(scope, parts.subList(at, parts.size()));
    }
    for (Scope around = scope; around != null; around = around.outer()) {
      Found found = descend(around, parts);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Follows an address from the object of a scope to a scalar. */
  private static @Nullable Found descend(Scope from, ImmutableList<Reference.Part> parts) {
    Value value = from.owner();
    Scope scope = from;
    for (Reference.Part part : parts) {
      Value next = step(value, part);
      if (next == null) {
        return null;
      }
      value = next;
      scope = next instanceof Value.Struct struct ? new Scope(struct, scope) : scope;
    }
    return value instanceof Value.Scalar scalar ? new Found(scalar, scope) : null;
  }

  private static @Nullable Value step(Value value, Reference.Part part) {
    if (value instanceof Value.Struct struct) {
      return part.index() ? null : struct.member(part.text());
    }
    if (value instanceof Value.Entries map) {
      return part.index() ? map.entries().get(part.text()) : null;
    }
    if (value instanceof Value.Items list && part.index()) {
      Integer index = Ints.tryParse(part.text());
      return index == null || index < 0 ? null : Iterables.get(list.items(), index, null);
    }
    return null;
  }
}
