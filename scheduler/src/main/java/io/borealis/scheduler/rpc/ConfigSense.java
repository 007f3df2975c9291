package io.borealis.scheduler.rpc;

import com.google.common.base.Ascii;
import io.borealis.api.Constraint;
import io.borealis.api.Container;
import io.borealis.api.MesosFetcherURI;
import io.borealis.api.Resource;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.Volume;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses values that Aurora accepts although they cannot mean anything, so that they do harm only
 * later: see ADR 14. Stateless.
 */
final class ConfigSense {
  private ConfigSense() {}

  static void require(TaskConfig config) {
    config.resources().forEach(ConfigSense::require);
    config.constraints().forEach(ConfigSense::require);
    config.mesosFetcherUris().forEach(ConfigSense::require);
    if (config.container() instanceof Container.Mesos mesos) {
      mesos.value().volumes().forEach(ConfigSense::require);
    }
    if (config.partitionPolicy() != null && config.partitionPolicy().delaySecs() != null) {
      requireNotNegative("partitionPolicy.delaySecs", config.partitionPolicy().delaySecs());
    }
    if (config.slaPolicy() != null) {
      require(config.slaPolicy(), "slaPolicy");
    }
  }

  private static void require(Resource resource) {
    if (resource instanceof Resource.NumGpus gpus) {
      requireNotNegative("resources: numGpus", gpus.value());
    } else if (resource instanceof Resource.IpAddr addresses) {
      requireNotNegative("resources: ipAddr", addresses.value());
    } else if (resource instanceof Resource.NamedPort port) {
      requireText("resources: namedPort", port.value());
    }
  }

  private static void require(Constraint constraint) {
    String field = "constraints: " + constraint.name() + ": ";
    if (constraint.constraint() instanceof TaskConstraint.Limit limit) {
      requireNotNegative(field + "limit", limit.value().limit());
    } else if (constraint.constraint() instanceof TaskConstraint.Value value) {
      if (value.value().values().isEmpty()) {
        throw Refusal.invalid(field + "values must not be empty.");
      }
      value.value().values().forEach(each -> requireText(field + "a value", each));
    }
  }

  private static void require(MesosFetcherURI uri) {
    requireText("mesosFetcherUris: value", uri.value());
  }

  private static void require(Volume volume) {
    requireText("container.mesos.volumes: containerPath", volume.containerPath());
    requireText("container.mesos.volumes: hostPath", volume.hostPath());
    if (volume.mode() == null) {
      throw Refusal.invalid("container.mesos.volumes: mode must be RW or RO.");
    }
  }

  /**
   * Checks the numbers and the address in a policy.
   *
   * @param field what the policy is called in the refusal
   */
  static void require(SlaPolicy policy, String field) {
    if (policy instanceof SlaPolicy.CountSlaPolicy count) {
      requireNotNegative(field + ".count", count.value().count());
      requireNotNegative(field + ".durationSecs", count.value().durationSecs());
    } else if (policy instanceof SlaPolicy.PercentageSlaPolicy share) {
      double percentage = share.value().percentage();
      // Written so that what is not a number is refused, too.
      if (!(percentage >= 0 && percentage <= 100)) {
        throw Refusal.invalid(field + ".percentage must be between 0 and 100: " + percentage);
      }
      requireNotNegative(field + ".durationSecs", share.value().durationSecs());
    } else if (policy instanceof SlaPolicy.CoordinatorSlaPolicy coordinator) {
      String url = coordinator.value().coordinatorUrl();
      if (!isHttp(url)) {
        throw Refusal.invalid(
            field + ".coordinatorUrl must be an http or https URL with a host: " + url);
      }
    }
  }

  /** Whether it is an http or https URL with a host. */
  static boolean isHttp(@Nullable String url) {
    try {
      URI uri = new URI(String.valueOf(url));
      return uri.getScheme() != null
          && uri.getHost() != null
          && (Ascii.equalsIgnoreCase(uri.getScheme(), "http")
              || Ascii.equalsIgnoreCase(uri.getScheme(), "https"));
    } catch (URISyntaxException wrong) {
      return false;
    }
  }

  private static void requireNotNegative(String field, long value) {
    if (value < 0) {
      throw Refusal.invalid(field + " must not be negative: " + value);
    }
  }

  private static void requireText(String field, @Nullable String value) {
    if (Arguments.isBlank(value)) {
      throw Refusal.invalid(field + " must not be blank.");
    }
  }
}
