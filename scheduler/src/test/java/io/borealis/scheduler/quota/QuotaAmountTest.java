package io.borealis.scheduler.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.Test;

public class QuotaAmountTest {
  @Test
  public void whatClientsSeeHasOneValueOfEachKindAndNoLeftOverDigits() {
    QuotaAmount sum = new QuotaAmount(0.1, 1, 2).plus(new QuotaAmount(0.2, 0, 0));

    assertThat(sum.cpus()).isNotEqualTo(0.3);
    assertThat(sum.aggregate()).isEqualTo(new QuotaAmount(0.3, 1, 2).aggregate());
    assertThat(sum.aggregate().resources()).hasSize(3);
  }

  @Test
  public void hugeAmountsAreShownAsTheyAre() {
    QuotaAmount huge = new QuotaAmount(1e300, Long.MAX_VALUE, Long.MIN_VALUE);

    assertThat(QuotaAmount.of(huge.aggregate().resources())).isEqualTo(huge);
  }

  @Test
  public void whatIsNoNumberIsNotEnough() {
    QuotaAmount all = new QuotaAmount(Double.POSITIVE_INFINITY, 1, 1);

    assertThat(QuotaShortage.between(all, all).text())
        .isEqualTo("CPU quota exceeded by NaN core(s)");
  }
}
