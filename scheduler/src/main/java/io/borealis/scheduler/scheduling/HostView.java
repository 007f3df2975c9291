package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableSetMultimap;
import io.borealis.api.Attribute;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.store.HostMode;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a host besides resources. Immutable.
 *
 * @param attributes values by name, those of equal names together
 * @param unavailableFromMs wall time of its planned maintenance, if any
 */
public record HostView(
    String name,
    ImmutableSetMultimap<String, String> attributes,
    MaintenanceMode mode,
    @Nullable Long unavailableFromMs) {

  /** The host of an offer, in the mode that State has for it. */
  static HostView of(Offer offer, @Nullable HostAttributes stored) {
    return new HostView(
        offer.host(),
        attributesOf(offer.attributes()),
        HostMode.of(stored),
        offer.unavailableFromMs());
  }

  /** Values by name. */
  static ImmutableSetMultimap<String, String> attributesOf(Iterable<Attribute> attributes) {
    ImmutableSetMultimap.Builder<String, String> values = ImmutableSetMultimap.builder();
    for (Attribute attribute : attributes) {
      values.putAll(attribute.name(), attribute.values());
    }
    return values.build();
  }
}
