package io.borealis.scheduler.journal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;
import org.apache.zookeeper.util.ServiceUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real ZooKeeper server in this process, on disk, alone or a member of an ensemble. Start and
 * close it from one thread.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
  private static final Duration LONGEST_SESSION = Duration.ofMinutes(5);
  private static final Duration START = Duration.ofSeconds(60);

  private final FileChannel lockFile;
  private final FileLock lock;
  private final ZooKeeperServerEmbedded server;
  private final InetSocketAddress address;

  /**
   * How a server is run. Immutable.
   *
   * @param dataDir where it keeps its data; made if missing
   * @param host address to listen on
   * @param port port for clients
   * @param tickTime heart beat; sessions last at least two of them
   * @param id number of this server in the ensemble; 0 when alone
   * @param servers for each server of the ensemble {@code host:peerPort:electionPort}; empty when
   *     alone
   */
  public record Settings(
      Path dataDir,
      String host,
      int port,
      Duration tickTime,
      int id,
      Map<Integer, String> servers) {}

  private EmbeddedZooKeeper(
      FileChannel lockFile,
      FileLock lock,
      ZooKeeperServerEmbedded server,
      InetSocketAddress address) {
    this.lockFile = lockFile;
    this.lock = lock;
    this.server = server;
    this.address = address;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param onFatal runs when the server cannot go on: the process should stop in order
   * @throws IOException when the data directory is in use or cannot be written, or the port is
   *     taken
   */
  public static EmbeddedZooKeeper start(Settings settings, Runnable onFatal) throws IOException {
    Path dir = settings.dataDir().toAbsolutePath().normalize();
    FileChannel file = lockFile(dir);
    FileLock lock = null;
    try {
      lock = acquire(file, dir);
      InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
      checkFree(address);
      if (settings.id() > 0) {
        Path id = Files.createDirectories(dir.resolve("data")).resolve("myid");
        Files.writeString(id, Integer.toString(settings.id()), StandardCharsets.US_ASCII);
      }
      ZooKeeperServerEmbedded server =
          ZooKeeperServerEmbedded.builder()
              .baseDir(dir)
              .configuration(configuration(settings, dir))
              .exitHandler(ExitHandler.LOG_ONLY)
              .build();
      if (settings.servers().isEmpty()) {
        server.start(START.toMillis());
      } else {
        // An ensemble answers only once a majority is there, which may take as long as it likes.
        server.start();
      }
      // ZooKeeper ends the process when its disk fails; that is ours to decide, in order.
      ServiceUtils.setSystemExitProcedure(
          code -> {
            LOG.error("ZooKeeper cannot go on, exit code {}", code);
            onFatal.run();
          });
      return new EmbeddedZooKeeper(file, lock, server, address);
    } catch (Exception failure) {
      if (lock != null) {
        lock.release();
      }
      file.close();
      if (failure instanceof IOException io) {
        throw io;
      }
      throw new IOException(
          "ZooKeeper did not start in %s on %s:%d: %s"
              .formatted(dir, settings.host(), settings.port(), failure.getMessage()),
          failure);
    }
  }

  /** ZooKeeper itself would say so in its log only, and wait. */
  private static void checkFree(InetSocketAddress address) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
    } catch (IOException taken) {
      throw new IOException(
          "ZooKeeper cannot listen on %s: %s".formatted(address, taken.getMessage()), taken);
    }
  }

  private static FileChannel lockFile(Path dir) throws IOException {
    try {
      Files.createDirectories(dir);
      return FileChannel.open(
          dir.resolve("borealis.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException notADirectory) {
      throw new IOException("The data directory " + dir + " is not a directory", notADirectory);
    } catch (IOException failure) {
      throw new IOException(
          "The data directory %s cannot be written: %s".formatted(dir, failure), failure);
    }
  }

  private static FileLock acquire(FileChannel file, Path dir) throws IOException {
    FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException held) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException(
          "The data directory %s is in use by another process; give each its own --data-dir"
              .formatted(dir));
    }
    return lock;
  }

  private static Properties configuration(Settings settings, Path dir) {
    Properties config = new Properties();
    config.setProperty("dataDir", dir.resolve("data").toString());
    config.setProperty("clientPort", Integer.toString(settings.port()));
    config.setProperty("clientPortAddress", settings.host());
    config.setProperty("tickTime", Long.toString(settings.tickTime().toMillis()));
    // Otherwise 20 ticks, and whoever asks for more silently gets less.
    config.setProperty("maxSessionTimeout", Long.toString(LONGEST_SESSION.toMillis()));
    config.setProperty("initLimit", "10");
    config.setProperty("syncLimit", "5");
    config.setProperty("admin.enableServer", "false");
    config.setProperty("autopurge.snapRetainCount", "3");
    config.setProperty("autopurge.purgeInterval", "1");
    config.setProperty("maxClientCnxns", "0");
    config.setProperty("maxCnxns", "10000");
    config.setProperty("4lw.commands.whitelist", "ruok,srvr");
    // One process often is the whole ensemble.
    config.setProperty("standaloneEnabled", "true");
    settings.servers().forEach((id, server) -> config.setProperty("server." + id, server));
    return config;
  }

  /** Where clients connect. */
  public String connectString() {
    return address.getHostString() + ":" + address.getPort();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (RuntimeException failure) {
      LOG.warn("ZooKeeper did not stop cleanly", failure);
    }
    try {
      lock.release();
      lockFile.close();
    } catch (IOException failure) {
      LOG.warn("The lock of the data directory could not be released", failure);
    }
  }
}
