package io.borealis.scheduler.cluster;

/**
 * What an agent has: resources that stay, and revocable ones that can be taken away. Immutable.
 *
 * @param firm what stays
 * @param revocable what can be taken away
 */
public record Capacity(ResourceVector firm, ResourceVector revocable) {
  /** Nothing at all. */
  public static final Capacity ZERO = new Capacity(ResourceVector.ZERO, ResourceVector.ZERO);

  /** Everything together. */
  public ResourceVector total() {
    return revocable.equals(ResourceVector.ZERO) ? firm : firm.plus(revocable);
  }

  /** The sum. */
  public Capacity plus(Capacity other) {
    return new Capacity(firm.plus(other.firm), revocable.plus(other.revocable));
  }

  /** Whether a task can be made of it: there are cpus and RAM of any sort. */
  public boolean isUsable() {
    return (firm.milliCpus() > 0 || revocable.milliCpus() > 0)
        && (firm.ramMb() > 0 || revocable.ramMb() > 0);
  }

  /** The part that counts for such a task (scheduling rules, section 1.2). */
  public ResourceVector view(Demand demand) {
    if (!demand.revocable()) {
      return firm;
    }
    ResourceVector all = total();
    return new ResourceVector(
        demand.revocableCpus() ? revocable.milliCpus() : all.milliCpus(),
        demand.revocableRam() ? revocable.ramMb() : all.ramMb(),
        all.diskMb(),
        all.ports(),
        all.gpus(),
        all.ipAddrs());
  }

  /** Whether the task finds enough. */
  public boolean fits(Demand demand) {
    return demand.amounts().fitsIn(view(demand));
  }

  /** What is left beside the task, firm resources being used up first where either will do. */
  public Capacity minus(Demand demand) {
    ResourceVector taken = demand.amounts();
    if (!demand.revocable()) {
      return new Capacity(firm.minus(taken), revocable);
    }
    ResourceVector fromFirm =
        new ResourceVector(
            demand.revocableCpus() ? 0 : Math.min(taken.milliCpus(), firm.milliCpus()),
            demand.revocableRam() ? 0 : Math.min(taken.ramMb(), firm.ramMb()),
            Math.min(taken.diskMb(), firm.diskMb()),
            Math.min(taken.ports(), firm.ports()),
            Math.min(taken.gpus(), firm.gpus()),
            Math.min(taken.ipAddrs(), firm.ipAddrs()));
    return new Capacity(firm.minus(fromFirm), revocable.minus(taken.minus(fromFirm)));
  }
}
