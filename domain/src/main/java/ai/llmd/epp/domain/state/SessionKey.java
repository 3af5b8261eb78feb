package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.prefix.XxHash64;
import java.nio.charset.StandardCharsets;

/**
 * Stands for a session id, which is not kept: it may be a credential, and others may be able to
 * read the store. With 128 bits two sessions do not meet by chance.
 */
public record SessionKey(long high, long low) {

  /**
   * The key of a session in one pool.
   *
   * @param secret keys the hash; all replicas of a pool have the same one
   */
  public static SessionKey of(String session, long secret) {
    byte[] bytes = session.getBytes(StandardCharsets.UTF_8);
    return new SessionKey(
        XxHash64.hash(bytes, 0, bytes.length, ~secret),
        XxHash64.hash(bytes, 0, bytes.length, secret));
  }
}
