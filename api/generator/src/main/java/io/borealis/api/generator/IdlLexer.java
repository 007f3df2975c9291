package io.borealis.api.generator;

import com.google.common.collect.ImmutableList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts IDL text into tokens. A documentation comment is kept with the token it precedes. */
final class IdlLexer {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s+"
              + "|(?<doc>/\\*\\*.*?\\*/)"
              + "|(?://|#)[^\\n]*|/\\*.*?\\*/"
              + "|(?<word>[A-Za-z_][A-Za-z0-9_.]*)"
              + "|(?<number>-?[0-9]+)"
              + "|\"(?<text>(?:[^\"\\\\]|\\\\.)*)\""
              + "|(?<symbol>[{}()<>\\[\\],;:=])",
          Pattern.DOTALL);

  enum Kind {
    WORD,
    NUMBER,
    TEXT,
    SYMBOL,
    END
  }

  record Token(Kind kind, String text, String doc, int line) {}

  private IdlLexer() {}

  static ImmutableList<Token> tokens(String fileName, String source) {
    ImmutableList.Builder<Token> tokens = ImmutableList.builder();
    Matcher matcher = TOKEN.matcher(source);
    String doc = "";
    int line = 1;
    int at = 0;
    while (at < source.length()) {
      if (!matcher.find(at) || matcher.start() != at) {
        throw new IdlException(
            "%s:%d: unexpected character '%s'".formatted(fileName, line, source.charAt(at)));
      }
      if (matcher.group("doc") != null) {
        doc = plain(matcher.group("doc"));
      } else if (matcher.group("word") != null) {
        tokens.add(new Token(Kind.WORD, matcher.group("word"), doc, line));
        doc = "";
      } else if (matcher.group("number") != null) {
        tokens.add(new Token(Kind.NUMBER, matcher.group("number"), doc, line));
        doc = "";
      } else if (matcher.group("text") != null) {
        tokens.add(new Token(Kind.TEXT, matcher.group("text"), doc, line));
        doc = "";
      } else if (matcher.group("symbol") != null) {
        tokens.add(new Token(Kind.SYMBOL, matcher.group("symbol"), doc, line));
        doc = "";
      }
      line += (int) matcher.group().chars().filter(c -> c == '\n').count();
      at = matcher.end();
    }
    return tokens.add(new Token(Kind.END, "end of file", "", line)).build();
  }

  private static String plain(String comment) {
    return comment
        .substring(3, comment.length() - 2)
        .lines()
        .map(text -> text.strip().replaceFirst("^\\*\\s?", ""))
        .reduce((a, b) -> a + "\n" + b)
        .orElse("")
        .strip();
  }
}
