package io.borealis.thrift;

/** JSON that does not fit the type it is meant for. The message begins with the path to it. */
public final class JsonFormatException extends Exception {
  private static final long serialVersionUID = 1;

  /** A value at this path does not fit. */
  JsonFormatException(String path, String problem) {
    super(path.isEmpty() ? problem : path + ": " + problem);
  }
}
