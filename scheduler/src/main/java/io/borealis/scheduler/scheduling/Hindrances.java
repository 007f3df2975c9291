package io.borealis.scheduler.scheduling;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableList;
import io.borealis.scheduler.cluster.ResourceVector;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Objections of hosts as words for people. Pure. */
final class Hindrances {
  private Hindrances() {}

  /** Says why no host takes a task that needs so much, given what the most suitable one lacks. */
  static String of(ImmutableList<Veto> vetoes, ResourceVector demand) {
    if (vetoes.isEmpty()) {
      return "its turn has not come";
    }
    Veto first = vetoes.get(0);
    return switch (first.kind()) {
      case INSUFFICIENT_RESOURCES ->
          "no offer has "
              + vetoes.stream().map(veto -> amount(veto, demand)).collect(joining(" and "));
      case CONSTRAINT_MISMATCH -> "no offer satisfies the constraint " + subject(first);
      case LIMIT_NOT_SATISFIED ->
          "as many tasks of the job as its limit allows share each " + subject(first);
      case MAINTENANCE -> "hosts with room are in maintenance";
      case DEDICATED_CONSTRAINT_MISMATCH -> "hosts with room are dedicated";
    };
  }

  private static String amount(Veto veto, ResourceVector demand) {
    return switch (subject(veto)) {
      case "CPU" -> number(demand.cpus()) + " cpus";
      case "RAM" -> demand.ramMb() + " MB of RAM";
      case "disk" -> demand.diskMb() + " MB of disk";
      case "ports" -> demand.ports() + " ports";
      case "GPU" -> demand.gpus() + " GPUs";
      default -> "enough " + subject(veto);
    };
  }

  /** The resource or constraint an objection is about. */
  private static String subject(Veto veto) {
    return veto.reason().substring(veto.reason().indexOf(": ") + 2);
  }

  private static String number(double value) {
    return new DecimalFormat("0.###", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
  }
}
