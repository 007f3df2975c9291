package io.borealis.config;

import java.util.Locale;
import java.util.stream.Collectors;

/** The reference page of settings. Stateless. */
public final class SettingsPage {
  private SettingsPage() {}

  /** The page as Markdown. */
  public static String markdown() {
    StringBuilder page =
        new StringBuilder("# Settings\n\n")
            .append("Made from the table in the code; a test compares the two.\n\n")
            .append("A flag wins over the environment, that over the file named by `--config`,")
            .append(" that over the default.\nIn a file a setting is a line `name: value`,")
            .append(" the name being the flag without dashes.\nAurora's names are accepted as")
            .append(" `-name=value` or `-name value`.\n\n")
            .append("| Flag | Environment | Default | Aurora's name | Commands | Meaning |\n")
            .append("|---|---|---|---|---|---|\n");
    for (Setting<?> setting : Settings.all()) {
      String shown = setting.defaultText();
      page.append(
          "| `%s` | `%s` | %s | %s | %s | %s%s |\n"
              .formatted(
                  setting.flag(),
                  setting.variable(),
                  shown == null || shown.isEmpty() ? "" : "`" + shown.replace("|", "\\|") + "`",
                  setting.aliases().stream()
                      .map(alias -> "`-" + alias + "`")
                      .collect(Collectors.joining(", ")),
                  setting.commands().stream()
                      .map(command -> command.name().toLowerCase(Locale.ROOT))
                      .collect(Collectors.joining(", ")),
                  setting.description(),
                  setting.rule().isEmpty() ? "" : "; " + setting.rule()));
    }
    return page.append("\n## Flags of Aurora that are accepted and ignored\n\n")
        .append("They mean nothing to Borealis, or not yet; each gives a warning.\n\n")
        .append(
            Settings.IGNORED.stream()
                .map(name -> "`-" + name + "`")
                .collect(Collectors.joining(", ")))
        .append("\n")
        .toString();
  }
}
