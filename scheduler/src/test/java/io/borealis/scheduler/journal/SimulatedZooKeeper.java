package io.borealis.scheduler.journal;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.proto.CheckVersionRequest;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.SetDataRequest;

/**
 * The tree of an ensemble in memory, with all its past: a reader may see it as it was, as a client
 * of a server that lags does. For one thread.
 */
final class SimulatedZooKeeper {
  /** Nodes by path, as they were after each write. */
  private final List<ImmutableMap<String, Znodes.Node>> history = new ArrayList<>();

  private final BiConsumer<Object, List<Op>> written;

  SimulatedZooKeeper() {
    this((writer, operations) -> {});
  }

  /**
   * @param written told of each write after it, and whose it is
   */
  SimulatedZooKeeper(BiConsumer<Object, List<Op>> written) {
    this.written = written;
    history.add(ImmutableMap.of("/", new Znodes.Node(new byte[0], 0)));
  }

  /** The number of writes so far; an argument of reads. */
  int now() {
    return history.size() - 1;
  }

  ImmutableMap<String, Znodes.Node> at(int time) {
    return history.get(time);
  }

  static ImmutableSet<String> children(Map<String, Znodes.Node> tree, String path) {
    String prefix = path.equals("/") ? "/" : path + "/";
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    for (String each : tree.keySet()) {
      if (each.startsWith(prefix) && each.length() > prefix.length()) {
        String rest = each.substring(prefix.length());
        if (rest.indexOf('/') < 0) {
          names.add(rest);
        }
      }
    }
    return names.build();
  }

  /** Applies all of the operations or none; returns the version of the last node written. */
  int apply(Object writer, List<Op> operations) throws KeeperException {
    Map<String, Znodes.Node> tree = new HashMap<>(at(now()));
    int version = 0;
    for (Op op : operations) {
      version = apply(tree, op);
    }
    history.add(ImmutableMap.copyOf(tree));
    written.accept(writer, operations);
    return version;
  }

  private static int apply(Map<String, Znodes.Node> tree, Op op) throws KeeperException {
    String path = op.getPath();
    switch (op.getType()) {
      case ZooDefs.OpCode.create -> {
        String parent = path.substring(0, Math.max(1, path.lastIndexOf('/')));
        if (!tree.containsKey(parent)) {
          throw KeeperException.create(KeeperException.Code.NONODE, path);
        } else if (tree.containsKey(path)) {
          throw KeeperException.create(KeeperException.Code.NODEEXISTS, path);
        }
        tree.put(path, new Znodes.Node(((CreateRequest) op.toRequestRecord()).getData(), 0));
        return 0;
      }
      case ZooDefs.OpCode.check -> {
        check(tree, path, ((CheckVersionRequest) op.toRequestRecord()).getVersion());
        return 0;
      }
      case ZooDefs.OpCode.delete -> {
        check(tree, path, ((DeleteRequest) op.toRequestRecord()).getVersion());
        if (!children(tree, path).isEmpty()) {
          throw KeeperException.create(KeeperException.Code.NOTEMPTY, path);
        }
        tree.remove(path);
        return 0;
      }
      case ZooDefs.OpCode.setData -> {
        SetDataRequest request = (SetDataRequest) op.toRequestRecord();
        int version = check(tree, path, request.getVersion()) + 1;
        tree.put(path, new Znodes.Node(request.getData(), version));
        return version;
      }
      default -> throw new IllegalArgumentException("not simulated: " + op.getType());
    }
  }

  private static int check(Map<String, Znodes.Node> tree, String path, int version)
      throws KeeperException {
    Znodes.Node node = tree.get(path);
    if (node == null) {
      throw KeeperException.create(KeeperException.Code.NONODE, path);
    } else if (version != -1 && node.version() != version) {
      throw KeeperException.create(KeeperException.Code.BADVERSION, path);
    }
    return node.version();
  }
}
