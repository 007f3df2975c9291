package io.borealis.bench;

import java.util.List;

/**
 * One measured figure. Immutable.
 *
 * @param name what was measured
 * @param unit of the value; empty for a ratio
 * @param sides what the figure was made from, a line each
 */
record Figure(String name, double value, String unit, Target target, List<String> sides) {

  /** What the figure shall be: at least or at most the bound. Immutable. */
  record Target(boolean atLeast, double bound) {
    static Target atLeast(double bound) {
      return new Target(true, bound);
    }

    static Target atMost(double bound) {
      return new Target(false, bound);
    }

    boolean isMetBy(double value) {
      return atLeast ? value >= bound : value <= bound;
    }
  }

  static Figure of(String name, double value, String unit, Target target, String... sides) {
    return new Figure(name, value, unit, target, List.of(sides));
  }

  static Figure ratio(String name, double value, Target target, String... sides) {
    return of(name, value, "", target, sides);
  }

  boolean met() {
    return target.isMetBy(value);
  }

  /** A number with as many digits as mean something. */
  static String number(double value) {
    double size = Math.abs(value);
    return size >= 100
        ? "%,.0f".formatted(value)
        : size >= 10 ? "%.1f".formatted(value) : "%.2f".formatted(value);
  }

  private static String bound(double value) {
    return value == Math.rint(value) ? "%,.0f".formatted(value) : String.valueOf(value);
  }

  private String withUnit(String number) {
    return unit.isEmpty() ? number : number + " " + unit;
  }

  /** The head of a table of figures. */
  static String head() {
    return "%-50s %11s %11s  %s%n".formatted("figure", "measured", "target", "met")
        + "-".repeat(79)
        + "%n".formatted();
  }

  /** This figure as lines of such a table. */
  String rows() {
    StringBuilder rows = new StringBuilder();
    rows.append(
        "%-50s %11s %11s  %s%n"
            .formatted(
                name,
                withUnit(number(value)),
                (target.atLeast ? "≥ " : "≤ ") + withUnit(bound(target.bound)),
                met() ? "yes" : "NO"));
    sides.forEach(side -> rows.append("    %s%n".formatted(side)));
    return rows.toString();
  }
}
