package ai.llmd.epp.application;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Stands for what clients call themselves, which may be a credential: SHA-256, keyed by the secret
 * that all replicas of a pool share. Any thread.
 */
final class IdentityDigest {

  private final long secret;

  /**
   * @param secret 0 for none: then what is short enough to be guessed can be found out
   */
  IdentityDigest(long secret) {
    this.secret = secret;
  }

  /**
   * Differs wherever one of the parts differs.
   *
   * @return as many hexadecimal digits as asked for, 64 at most
   */
  String of(int digits, String... parts) {
    MessageDigest sha = sha256();
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    sha.update(number.putLong(0, secret).array());
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      sha.update(number.putLong(0, bytes.length).array());
      sha.update(bytes);
    }
    return HexFormat.of().formatHex(sha.digest(), 0, digits / 2);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
