package ai.llmd.epp.application.port.out;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What the replicas of a pool key their block hashes with, so that who can read the store cannot
 * test it for a prompt. It never shows in text.
 */
public final class HashSecret {

  /** Fewer could be guessed. */
  public static final int LEAST_BYTES = 16;

  private static final int MOST_BYTES = 4096;

  private final byte[] bytes;

  /**
   * @param bytes 16 to 4096 of them; copied
   */
  public HashSecret(byte[] bytes) {
    if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "the hash secret must have %d to %d bytes, had %d"
              .formatted(LEAST_BYTES, MOST_BYTES, bytes.length));
    }
    this.bytes = bytes.clone();
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** A number that stands for it and does not tell it. */
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
