package io.borealis.scheduler.store;

import java.util.Map;
import java.util.function.UnaryOperator;
import kotlinx.collections.immutable.ExtensionsKt;
import kotlinx.collections.immutable.PersistentMap;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map whose changed copies share structure with the original. Hides the library behind
 * it. Iteration order is unspecified but the same for equal insertion histories.
 */
public final class Table<K, V> {
  private final PersistentMap<K, V> map;

  private Table(PersistentMap<K, V> map) {
    this.map = map;
  }

  /** The empty table. */
  public static <K, V> Table<K, V> empty() {
    return new Table<>(ExtensionsKt.persistentHashMapOf());
  }

  public @Nullable V get(K key) {
    return map.get(key);
  }

  public boolean contains(K key) {
    return map.containsKey(key);
  }

  public int size() {
    return map.size();
  }

  public boolean isEmpty() {
    return map.isEmpty();
  }

  /** A read-only view. */
  public Map<K, V> asMap() {
    return map;
  }

  /** The values in the table's order. */
  public Iterable<V> values() {
    return map.values();
  }

  /** The keys in the table's order. */
  public Iterable<K> keys() {
    return map.keySet();
  }

  /** A copy with the key set to the value. */
  public Table<K, V> with(K key, V value) {
    return new Table<>(map.put(key, value));
  }

  /** A copy without the key. */
  public Table<K, V> without(K key) {
    PersistentMap<K, V> next = map.remove(key);
    return next == map ? this : new Table<>(next);
  }

  /** A copy with the value of the key replaced; null on either side means absent. */
  public Table<K, V> update(K key, UnaryOperator<@Nullable V> change) {
    V next = change.apply(map.get(key));
    return next == null ? without(key) : with(key, next);
  }

  /** A mutable copy for many changes at once; confined to one thread. */
  Builder<K, V> builder() {
    return new Builder<>(map.builder());
  }

  /** Collects many changes to one table. */
  static final class Builder<K, V> {
    private final PersistentMap.Builder<K, V> builder;

    Builder(PersistentMap.Builder<K, V> builder) {
      this.builder = builder;
    }

    @Nullable V get(K key) {
      return builder.get(key);
    }

    @Nullable V put(K key, V value) {
      return builder.put(key, value);
    }

    @Nullable V remove(K key) {
      return builder.remove(key);
    }

    Table<K, V> build() {
      return new Table<>(builder.build());
    }
  }
}
