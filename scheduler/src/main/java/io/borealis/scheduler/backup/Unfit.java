package io.borealis.scheduler.backup;

/** Says why a part of a backup cannot be taken. */
final class Unfit extends Exception {
  private static final long serialVersionUID = 1;

  Unfit(String reason) {
    super(reason, null, false, false);
  }

  static void unless(boolean fine, String reason) throws Unfit {
    if (!fine) {
      throw new Unfit(reason);
    }
  }
}
