package io.borealis.bench;

import java.util.List;

/** A program that measures. Run on the main thread, once. */
interface Program {
  /** What it is called on the command line. */
  String name();

  /** What it measures, in a line. */
  String summary();

  /** Measures, and cleans up after itself. */
  List<Figure> run() throws Exception;
}
