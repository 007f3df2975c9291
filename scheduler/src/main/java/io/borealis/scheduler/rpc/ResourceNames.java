package io.borealis.scheduler.rpc;

import io.borealis.api.Resource;

/** The names of resources in texts. Stateless. */
final class ResourceNames {
  private ResourceNames() {}

  static String of(Resource.Kind kind) {
    return switch (kind) {
      case NUM_CPUS -> "CPU";
      case RAM_MB -> "RAM";
      case DISK_MB -> "disk";
      case NAMED_PORT -> "ports";
      case NUM_GPUS -> "GPU";
      case IP_ADDR -> "IP";
      case UNKNOWN -> "unknown";
    };
  }
}
