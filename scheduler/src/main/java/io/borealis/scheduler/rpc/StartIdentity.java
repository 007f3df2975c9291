package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.Metadata;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveRequestDigest;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import org.jspecify.annotations.Nullable;

/**
 * By what a start of an update is known again when it is repeated: the key its client chose, and
 * all that was asked for. Immutable.
 *
 * @param key unique among the updates of the job
 * @param digest equal for equal requests
 */
record StartIdentity(String key, String digest) {
  /** The metadata of an update whose value is its idempotency key. */
  static final String KEY = "io.borealis.idempotency_key";

  /** Differs with every attempt of Aurora's client, so it is no part of what is asked for. */
  private static final String CLIENT_TAG = "org.apache.aurora.client.update_id";

  private static final int MAX_LENGTH = 128;

  /**
   * What identifies a request; null if its client gave no key.
   *
   * @param request with its defaults filled in
   */
  static @Nullable StartIdentity of(JobUpdateRequest request) {
    ImmutableSet<Metadata> metadata = request.metadata();
    Metadata chosen = null;
    for (Metadata each : metadata) {
      if (KEY.equals(each.key())) {
        if (chosen != null) {
          throw Refusal.invalid("metadata " + KEY + " must occur at most once.");
        }
        chosen = each;
      }
    }
    if (chosen == null) {
      return null;
    }
    String key = chosen.value();
    if (key == null || key.isEmpty() || key.length() > MAX_LENGTH) {
      throw Refusal.invalid("metadata " + KEY + " must have 1 to " + MAX_LENGTH + " characters.");
    }
    JobUpdateRequest counted =
        request.toBuilder()
            .metadata(
                metadata.stream()
                    .filter(each -> !CLIENT_TAG.equals(each.key()))
                    .collect(ImmutableSet.toImmutableSet()))
            .build();
    return new StartIdentity(key, CanonicalDigest.of(JobUpdateRequest.TYPE, counted).toString());
  }

  /**
   * The update that this start began before, be it active or ended; null if it is the first.
   *
   * @throws Refusal when the key stands for another request
   */
  @Nullable UpdateRecord earlier(State state, JobUpdateRequest request) {
    Metadata wanted = new Metadata(KEY, key);
    for (UpdateRecord update : state.updates().ofJob(request.taskConfig().job())) {
      if (update.update().summary().metadata().contains(wanted)) {
        if (!digest.equals(update.requestDigest())) {
          throw Refusal.invalid(
              "metadata "
                  + KEY
                  + " '"
                  + key
                  + "' belongs to update "
                  + Identifiers.path(update.key())
                  + ", whose request differs: taskConfig, instanceCount, settings and metadata must"
                  + " be the same, or the key a new one.");
        }
        return update;
      }
    }
    return null;
  }

  /** The change that lets the update be found again. */
  Op remember(JobUpdateKey update) {
    return new Op.SaveRequestDigest(new SaveRequestDigest(update, digest));
  }
}
