package ai.llmd.epp.application.port.out;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The key of the block hashes of a pool's replicas, so that a reader of the store cannot test it
 * for a prompt. It is never printed.
 */
public final class HashSecret {

  /** Fewer could be guessed. */
  public static final int MIN_BYTES = 16;

  private static final int MAX_BYTES = 4096;

  private final byte[] bytes;

  /**
   * @param bytes 16 to 4096 of them; copied
   */
  public HashSecret(byte[] bytes) {
    if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "the hash secret must have %d to %d bytes, had %d"
              .formatted(MIN_BYTES, MAX_BYTES, bytes.length));
    }
    this.bytes = bytes.clone();
  }

  /** A number derived from it that does not reveal it. */
  public long seed() {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HashSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "***";
  }
}
