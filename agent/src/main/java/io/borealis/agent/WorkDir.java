package io.borealis.agent;

import com.google.common.collect.ImmutableList;
import io.borealis.api.agent.LaunchTask;
import io.borealis.thrift.StructBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where an agent keeps everything, which is for one agent at a time. Thread-safe, but for opening
 * and closing; blocks on the disk.
 */
final class WorkDir implements AutoCloseable {
  /** Goes before the id of a task in the names of its executor. */
  static final String EXECUTOR = "thermos-";

  /** How long the id of a task may be: with what goes before it, it names folders. */
  static final int LONGEST_NAME = 240;

  private static final Pattern AGENT_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final Pattern NAME =
      Pattern.compile("(?!\\.{1,2}$)[^/\\x00-\\x1f]{1,%d}".formatted(LONGEST_NAME));

  private final Path root;
  private final String agentId;
  private final FileChannel lock;

  private WorkDir(Path root, String agentId, FileChannel lock) {
    this.root = root;
    this.agentId = agentId;
    this.lock = lock;
  }

  /**
   * Takes a folder, which is made if need be.
   *
   * @param newId the agent's id if the folder is new
   * @throws AgentException when another agent has it, or it cannot be used
   */
  static WorkDir open(Path root, String newId) {
    try {
      Files.createDirectories(root.resolve("meta"));
      FileChannel lock = lock(root.resolve("lock"));
      try {
        return new WorkDir(root, agentId(root.resolve("meta").resolve("agent.id"), newId), lock);
      } catch (IOException | RuntimeException failure) {
        lock.close();
        throw failure;
      }
    } catch (FileAlreadyExistsException | NotDirectoryException file) {
      throw new AgentException("--work-dir: " + root + " is not a folder", file);
    } catch (IOException failure) {
      throw new AgentException("--work-dir: " + root + " cannot be used: " + failure, failure);
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    @Nullable FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException ours) {
      held = null;
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
    if (held == null) {
      String holder = Files.readString(file, StandardCharsets.UTF_8).strip();
      channel.close();
      throw new AgentException(
          "--work-dir: another agent uses %s%s"
              .formatted(
                  file.toAbsolutePath().getParent(),
                  holder.isEmpty() ? "" : ", the process " + holder));
    }
    // Written over: on a full disk others would take the room of what is cut first.
    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
    int unused = channel.write(ByteBuffer.wrap(pid), 0);
    channel.truncate(pid.length);
    return channel;
  }

  private static String agentId(Path file, String newId) throws IOException {
    if (!Files.exists(file)) {
      Durable.write(file, (newId + "\n").getBytes(StandardCharsets.UTF_8));
    }
    String id = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (!AGENT_ID.matcher(id).matches()) {
      throw new AgentException("--work-dir: %s holds no agent id but '%s'".formatted(file, id));
    }
    return id;
  }

  /** Chosen when the folder was new. */
  String agentId() {
    return agentId;
  }

  /** The folder itself. */
  Path root() {
    return root;
  }

  /** What the line to the leader keeps. */
  Path linkFile() {
    return root.resolve("meta").resolve("link");
  }

  /** Which start of the machine an agent was last here in. */
  Path bootFile() {
    return root.resolve("meta").resolve("boot");
  }

  /** Whether a folder can have this name. */
  static boolean canName(String name) {
    return NAME.matcher(name).matches();
  }

  private Path frameworks(boolean meta) {
    return (meta ? root.resolve("meta") : root)
        .resolve("slaves")
        .resolve(agentId)
        .resolve("frameworks");
  }

  private Path runs(boolean meta, String frameworkId, String taskId) {
    return frameworks(meta)
        .resolve(frameworkId)
        .resolve("executors")
        .resolve(EXECUTOR + taskId)
        .resolve("runs");
  }

  /** Where a run is, or would be. */
  RunPaths run(String frameworkId, String taskId, String containerId) {
    return new RunPaths(
        frameworkId,
        taskId,
        containerId,
        runs(true, frameworkId, taskId).resolve(containerId),
        runs(false, frameworkId, taskId).resolve(containerId));
  }

  /** Whether there is anything of this task, be it long over. */
  boolean knows(String frameworkId, String taskId) {
    return Files.exists(runs(true, frameworkId, taskId).resolve("latest"));
  }

  /** Writes down that a run begins; it is on the disk when this returns. */
  void begin(RunPaths run, LaunchTask launch) throws IOException {
    Path tasks = run.taskInfo().getParent();
    if (tasks == null) {
      throw new IOException(run + " has no folder");
    }
    Files.createDirectories(tasks);
    Files.createDirectories(run.directory());
    Durable.write(run.taskInfo(), StructBytes.write(LaunchTask.TYPE, launch));
    point(run);
    Durable.folders(tasks, root.resolve("meta"));
    Durable.folders(run.directory(), root.resolve("slaves"));
  }

  /** Other tools look for the newest run in both trees. */
  private static void point(RunPaths run) throws IOException {
    for (Path latest : List.of(run.latest(), run.directory().resolveSibling("latest"))) {
      Path next = latest.resolveSibling("latest.new");
      Files.deleteIfExists(next);
      Files.createSymbolicLink(next, Path.of(run.containerId()));
      Files.move(next, latest, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Writes down that a run is over and acknowledged. */
  void end(RunPaths run) throws IOException {
    Durable.write(run.sentinel(), new byte[0]);
  }

  /**
   * All runs there are, the older ones included.
   *
   * @throws IOException when folders cannot be listed
   */
  ImmutableList<RunPaths> runs() throws IOException {
    ImmutableList.Builder<RunPaths> runs = ImmutableList.builder();
    for (Path framework : folders(frameworks(true))) {
      for (Path executor : folders(framework.resolve("executors"))) {
        String name = executor.getFileName().toString();
        if (!name.startsWith(EXECUTOR)) {
          continue;
        }
        for (Path run : folders(executor.resolve("runs"))) {
          runs.add(
              run(
                  framework.getFileName().toString(),
                  name.substring(EXECUTOR.length()),
                  run.getFileName().toString()));
        }
      }
    }
    return runs.build();
  }

  /** Real folders only, in the order of their names. */
  private static List<Path> folders(Path parent) throws IOException {
    try (Stream<Path> entries = Files.list(parent)) {
      List<Path> folders = new ArrayList<>();
      entries
          .filter(entry -> Files.isDirectory(entry, java.nio.file.LinkOption.NOFOLLOW_LINKS))
          .sorted(Comparator.naturalOrder())
          .forEach(folders::add);
      return folders;
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  /** Whether the run is the newest of its task; false when none is named so. */
  static boolean isLatest(RunPaths run) throws IOException {
    try {
      return Files.readSymbolicLink(run.latest()).equals(Path.of(run.containerId()));
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  /** Lets other agents have it. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException failure) {
      // The lock goes with the process.
    }
  }
}
