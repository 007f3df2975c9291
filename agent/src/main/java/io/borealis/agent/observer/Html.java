package io.borealis.agent.observer;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** What pages are made of. Stateless. */
final class Html {
  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>%s</title>%s
      <style>
      body{font:14px/1.5 sans-serif;margin:2em;color:#222}
      table{border-collapse:collapse;margin:1em 0}
      td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}
      pre{background:#f6f6f6;padding:1em;overflow:auto}
      nav a{margin-right:1em}
      </style></head><body>
      <h1>%s</h1>
      %s
      </body></html>
      """;

  private Html() {}

  /** Text as it may stand between tags. */
  static String text(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Text as it may stand between tags, and in attributes in double quotes. */
  static String escape(String text) {
    return text(text).replace("\"", "&quot;");
  }

  /** A name as one part of a path. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A link; both are escaped here. */
  static String link(String path, String text) {
    return "<a href=\"%s\">%s</a>".formatted(escape(path), escape(text));
  }

  /**
   * A whole page.
   *
   * @param head goes into its head, and is HTML
   * @param body is HTML
   */
  static String page(String title, String head, String body) {
    return PAGE.formatted(escape(title), head, escape(title), body);
  }

  /** A row of a table; the cells are HTML. */
  static String row(String... cells) {
    return "<tr><td>" + String.join("</td><td>", cells) + "</td></tr>\n";
  }

  /** A table; its rows are HTML. */
  static String table(String rows, String... heads) {
    return "<table><tr><th>" + String.join("</th><th>", heads) + "</th></tr>\n" + rows + "</table>";
  }
}
