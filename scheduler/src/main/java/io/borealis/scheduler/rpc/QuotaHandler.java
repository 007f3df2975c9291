package io.borealis.scheduler.rpc;

import io.borealis.api.GetQuotaResult;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.rpc.CallContext;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveQuota;
import io.borealis.scheduler.quota.QuotaAmount;
import io.borealis.scheduler.quota.QuotaBucket;
import io.borealis.scheduler.quota.QuotaCheck;
import io.borealis.scheduler.quota.QuotaShortage;
import io.borealis.scheduler.quota.QuotaUsage;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.Writes;
import java.util.EnumSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers and sets the quotas of roles (admin rules, 14.1). Thread-safe. */
public final class QuotaHandler {
  /** The largest number that every client reads exactly. */
  static final long MOST = (1L << 53) - 1;

  private static final EnumSet<Resource.Kind> KINDS =
      EnumSet.of(Resource.Kind.NUM_CPUS, Resource.Kind.RAM_MB, Resource.Kind.DISK_MB);

  private final Writes writes;
  private final Supplier<State> state;

  /** Reads the States supplied and sets quotas in transactions of the writer. */
  public QuotaHandler(Writes writes, Supplier<State> state) {
    this.writes = writes;
    this.state = state;
  }

  Response getQuota(@Nullable String ownerRole) {
    String role = Arguments.notBlank(ownerRole);
    State now = state.get();
    return Responses.ok(
        new Result.GetQuotaResult(
            GetQuotaResult.builder()
                .quota(QuotaCheck.quotaOf(now, role).aggregate())
                .prodSharedConsumption(usage(now, role, QuotaBucket.PROD_SHARED))
                .prodDedicatedConsumption(usage(now, role, QuotaBucket.PROD_DEDICATED))
                .nonProdSharedConsumption(usage(now, role, QuotaBucket.NON_PROD_SHARED))
                .nonProdDedicatedConsumption(usage(now, role, QuotaBucket.NON_PROD_DEDICATED))
                .build()));
  }

  private static ResourceAggregate usage(State state, String role, QuotaBucket bucket) {
    return QuotaUsage.of(state, role, bucket).aggregate();
  }

  CompletionStage<Response> setQuota(
      CallContext call, @Nullable String ownerRole, @Nullable ResourceAggregate quota) {
    String role = Arguments.notBlank(ownerRole);
    QuotaAmount amount = checked(Arguments.required(quota, "quota"));
    return writes.submit(
        WriteClass.RPC,
        call.deadlineNanos(),
        tx -> {
          QuotaAmount used = QuotaUsage.of(tx.state(), role, QuotaBucket.PROD_SHARED);
          if (QuotaShortage.between(used, amount) != null) {
            throw Refusal.invalid(
                "Quota: "
                    + text(amount)
                    + " is less then current prod reservation: "
                    + text(QuotaAmount.of(used.aggregate().resources())));
          }
          // One value of each kind, all of them known: what is stored can be written.
          tx.change(new Op.SaveQuota(new SaveQuota(role, amount.exactly())));
          return Responses.ok();
        });
  }

  private static QuotaAmount checked(ResourceAggregate quota) {
    if (quota.resources().size() > KINDS.size()) {
      throw Refusal.error("Too many resource values in quota.");
    }
    EnumSet<Resource.Kind> kinds = EnumSet.noneOf(Resource.Kind.class);
    quota.resources().forEach(resource -> kinds.add(resource.kind()));
    if (!kinds.equals(KINDS) || quota.resources().size() != KINDS.size()) {
      throw Refusal.error("Quota resources must be exactly: [CPUS, RAM_MB, DISK_MB]");
    }
    QuotaAmount amount = QuotaAmount.of(quota.resources());
    if (amount.cpus() < 0 || amount.ramMb() < 0 || amount.diskMb() < 0) {
      throw Refusal.invalid("Negative values in: " + text(amount));
    }
    // Written so that what is not a number is refused, too.
    if (!(amount.cpus() <= MOST)) {
      throw beyond("numCpus", amount.cpus());
    }
    if (amount.ramMb() > MOST) {
      throw beyond("ramMb", amount.ramMb());
    }
    if (amount.diskMb() > MOST) {
      throw beyond("diskMb", amount.diskMb());
    }
    return amount;
  }

  private static Refusal beyond(String field, Number value) {
    return Refusal.invalid(
        "quota: " + field + " must be a number of at most " + MOST + ", not " + value + ".");
  }

  private static String text(QuotaAmount amount) {
    return "numCpus=" + amount.cpus() + ", ramMb=" + amount.ramMb() + ", diskMb=" + amount.diskMb();
  }
}
