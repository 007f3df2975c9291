package io.borealis.bench;

import io.borealis.api.JobUpdateRequest;
import io.borealis.api.rpc.StartJobUpdateArgs;
import java.io.IOException;

/**
 * The durable call that is measured: the start of an update that waits for a pulse. It is one
 * transaction and nothing follows from it. Stateless.
 */
final class PulsedUpdate {
  private static final int LONG_MS = 24 * 60 * 60 * 1000;

  private PulsedUpdate() {}

  /** The call for the job of this number. */
  static byte[] request(long number) {
    JobUpdateRequest plain = Samples.update(Samples.job("bench-" + number), "one", 1, 1);
    JobUpdateRequest pulsed =
        plain.toBuilder()
            .settings(plain.settings().toBuilder().blockIfNoPulsesAfterMs(LONG_MS).build())
            .build();
    return Connection.request("startJobUpdate", new StartJobUpdateArgs(pulsed, "bench"));
  }

  /** Insists that the update was started. */
  static void check(byte[] answer) throws IOException {
    var unused = Leader.ok(Connection.answer(answer));
  }
}
