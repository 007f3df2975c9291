package io.borealis.thrift;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Damages messages the way bad lines, bad clients and bad people do. Pure functions. */
final class Damage {
  private static final byte[] TELLING = {
    0, 1, 8, 11, 12, 13, 14, 15, 0x7f, -1, -128, '[', '{', '"', '9'
  };

  private Damage() {}

  /** The bytes with one to four damages. */
  static byte[] of(byte[] bytes, Random random) {
    byte[] damaged = bytes;
    for (int n = random.nextInt(4); n >= 0 && damaged.length > 0; n--) {
      damaged = once(damaged, random);
    }
    return damaged;
  }

  private static byte[] once(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
    int again = random.nextInt(50) == 0 ? 5000 : random.nextInt(3);
    byte[] noise = new byte[length];
    for (int i = 0; i < length; i++) {
      noise[i] =
          random.nextBoolean() ? TELLING[random.nextInt(TELLING.length)] : (byte) random.nextInt();
    }
    return switch (random.nextInt(5)) {
      case 0 -> splice(bytes, at, 1, new byte[] {noise[0]}, 1);
      case 1 -> splice(bytes, at, length, noise, 1);
      case 2 -> splice(bytes, at, length, noise, 0);
      case 3 -> splice(bytes, at, 0, noise, again);
      default -> {
        byte[] part = new byte[length];
        System.arraycopy(bytes, at, part, 0, length);
        yield splice(bytes, random.nextInt(bytes.length), 0, part, again);
      }
    };
  }

  /** Puts the insertion, so many times, in the place of the bytes taken out. */
  private static byte[] splice(byte[] bytes, int at, int taken, byte[] insertion, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    out.write(bytes, 0, at);
    for (int i = 0; i < times; i++) {
      out.writeBytes(insertion);
    }
    out.write(bytes, at + taken, bytes.length - at - taken);
    return out.toByteArray();
  }
}
