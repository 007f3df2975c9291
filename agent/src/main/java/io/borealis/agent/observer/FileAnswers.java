package io.borealis.agent.observer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.borealis.agent.checkpoint.RunnerState;
import io.borealis.agent.observer.SandboxFiles.Entry;
import io.borealis.agent.observer.SandboxFiles.Kind;
import io.borealis.agent.observer.SandboxFiles.Listing;
import io.borealis.agent.observer.SandboxFiles.OpenFile;
import io.borealis.thrift.HttpReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of sandboxes and the output of processes, as pages, as text in JSON and as they are.
 * Thread-safe; waits for the disk.
 */
final class FileAnswers {
  private static final Logger log = LoggerFactory.getLogger(FileAnswers.class);
  private static final Set<String> OUTPUTS = Set.of("stdout", "stderr");
  private static final long PAGE_BYTES = 64 * 1024;
  private static final String FOLLOW = "<meta http-equiv=\"refresh\" content=\"5\">";

  private final TaskIndex index;
  private final SandboxFiles sandboxes;
  private final FileReplies replies;

  FileAnswers(TaskIndex index, SandboxFiles sandboxes, FileReplies replies) {
    this.index = index;
    this.sandboxes = sandboxes;
    this.replies = replies;
  }

  /**
   * A file of a task, or the output of a process.
   *
   * @param folder the sandbox, or where the output is, as the stream of the task says
   * @param names the way from there to the file
   */
  private record Wanted(Path run, String folder, ImmutableList<String> names) {}

  /** A part of a file as JSON; an empty object if there is none. */
  ObjectNode data(Ask ask) throws IOException {
    @Nullable Wanted wanted = wanted(ask, ask.word().equals("logdata"));
    try (@Nullable OpenFile file = wanted == null ? null : open(wanted)) {
      return file == null
          ? JsonNodeFactory.instance.objectNode()
          : FileReplies.chunk(file, ask.parameter("offset"), ask.parameter("length"));
    }
  }

  /** A file as it is, or a range of it; null if there is none. */
  @Nullable HttpReply whole(Ask ask) throws IOException {
    boolean output = ask.word().equals("logfile");
    @Nullable Wanted wanted = wanted(ask, output);
    @Nullable OpenFile file = wanted == null ? null : open(wanted);
    return file == null
        ? null
        : replies.download(ask.call(), file, wanted.names().get(wanted.names().size() - 1));
  }

  /** A file or a folder as a page; null if there is none. */
  @Nullable String page(Ask ask) throws IOException {
    boolean output = ask.word().equals("logs");
    @Nullable Wanted wanted = wanted(ask, output);
    if (wanted == null) {
      return null;
    } else if (ask.word().equals("browse")) {
      return browse(ask, wanted);
    }
    try (@Nullable OpenFile file = open(wanted)) {
      return file == null ? null : show(ask, file, output ? "logfile" : "download");
    }
  }

  private @Nullable Wanted wanted(Ask ask, boolean output) {
    @Nullable String id = ask.part(0);
    Optional<ObservedTask> task = id == null ? Optional.empty() : index.find(id);
    if (task.isEmpty()) {
      return null;
    }
    return output ? ofProcess(ask, task.get()) : ofSandbox(ask, task.get());
  }

  private static @Nullable Wanted ofSandbox(Ask ask, ObservedTask task) {
    @Nullable String sandbox = task.sandbox();
    return sandbox == null ? null : new Wanted(task.run(), sandbox, ask.rest(1));
  }

  private static @Nullable Wanted ofProcess(Ask ask, ObservedTask task) {
    RunnerState state = task.state();
    @Nullable String logs = ObservedTask.logDir(state);
    @Nullable String output = ask.part(3);
    if (logs == null || output == null || !OUTPUTS.contains(output) || ask.parts().size() > 4) {
      return null;
    }
    String process = ask.parts().get(1);
    int number;
    try {
      number = Integer.parseInt(ask.parts().get(2));
    } catch (NumberFormatException e) {
      return null;
    }
    int runs = state.runs(process).size();
    int run = number < 0 ? runs + number : number;
    return run < 0 || run >= runs
        ? null
        : new Wanted(task.run(), logs, ImmutableList.of(process, Integer.toString(run), output));
  }

  private @Nullable OpenFile open(Wanted wanted) throws IOException {
    try {
      return wanted.names().isEmpty()
          ? null
          : sandboxes.open(wanted.run(), wanted.folder(), wanted.names());
    } catch (FileSystemException e) {
      log.debug("Not served: {}", wanted, e);
      return null;
    }
  }

  private @Nullable String browse(Ask ask, Wanted wanted) throws IOException {
    Listing listing;
    try {
      listing = sandboxes.list(wanted.run(), wanted.folder(), wanted.names());
    } catch (FileSystemException e) {
      log.debug("Not served: {}", wanted, e);
      return null;
    }
    String below = path(ask.parts().subList(0, 1), wanted.names());
    StringBuilder rows = new StringBuilder();
    if (!wanted.names().isEmpty()) {
      List<String> above = wanted.names().subList(0, wanted.names().size() - 1);
      rows.append(
          Html.row(
              Html.link("/browse" + path(ask.parts().subList(0, 1), above), ".."), "", "", ""));
    }
    for (Entry entry : listing.entries()) {
      rows.append(row(below, entry));
    }
    return Html.page(
        "Sandbox of " + ask.part(0) + ": /" + String.join("/", wanted.names()),
        "",
        "<p>%s</p>%s%s"
            .formatted(
                Html.link("/task/" + Html.segment(ask.parts().get(0)), "the task"),
                Html.table(rows.toString(), "name", "bytes", "changed", ""),
                listing.complete() ? "" : "<p>There are more.</p>"));
  }

  private static String row(String below, Entry entry) {
    String path = below + "/" + Html.segment(entry.name());
    String name =
        switch (entry.kind()) {
          case FOLDER -> Html.link("/browse" + path, entry.name() + "/");
          case FILE, LINK -> Html.link("/file" + path, entry.name());
          case OTHER -> Html.escape(entry.name());
        };
    return Html.row(
        name,
        entry.kind() == Kind.FILE ? Long.toString(entry.size()) : entry.kind().name(),
        Instant.ofEpochSecond(entry.seconds()).toString(),
        entry.kind() == Kind.FILE ? Html.link("/download" + path, "download") : "");
  }

  /** The end of a file, or what lies before an offset, with links to the rest. */
  private static String show(Ask ask, OpenFile file, String whole) throws IOException {
    long end = file.size();
    @Nullable String asked = ask.parameter("end");
    boolean follow = ask.parameter("follow") != null;
    if (asked != null) {
      try {
        end = Math.max(0, Math.min(Long.parseLong(asked), file.size()));
      } catch (NumberFormatException e) {
        end = file.size();
      }
    }
    long start = Math.max(0, end - PAGE_BYTES);
    byte[] bytes = FileReplies.read(file, start, end - start);
    String path = path(ask.parts(), ImmutableList.of());
    String here = "/" + ask.word() + path;
    StringBuilder links = new StringBuilder("<nav>");
    links.append(Html.link("/task/" + Html.segment(ask.parts().get(0)), "the task"));
    if (start > 0) {
      links.append(Html.link(here + "?end=" + start, "earlier"));
    }
    if (end < file.size()) {
      links.append(Html.link(here + "?end=" + (end + PAGE_BYTES), "later"));
    }
    links.append(Html.link(here, "end")).append(Html.link(here + "?follow=1", "follow"));
    links.append(Html.link("/" + whole + path, "download")).append("</nav>");
    return Html.page(
        String.join("/", ask.parts()),
        follow ? FOLLOW : "",
        "%s<p>Bytes %d to %d of %d</p><pre>%s</pre>"
            .formatted(
                links,
                start,
                start + bytes.length,
                file.size(),
                Html.escape(new String(bytes, StandardCharsets.UTF_8))));
  }

  private static String path(List<String> first, List<String> then) {
    return Stream.concat(first.stream(), then.stream())
        .map(part -> "/" + Html.segment(part))
        .collect(Collectors.joining());
  }
}
