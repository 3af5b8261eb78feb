package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must happen in the server at once. Scripts run atomically, and know the server's clock: the
 * replicas' clocks never matter.
 */
enum RedisScript {
  /**
   * Appends batches. Each has its number beside it, counted from 1 for the life of the log, so that
   * a reader can see whether any is missing. Arguments: retention and expiry in milliseconds, most
   * entries, batches. Returns the last position.
   */
  APPEND(
      ScriptOutputType.VALUE,
      """
      local now = redis.call('TIME')
      local oldest = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
      local batches = #ARGV - 3
      local before = redis.call('INCRBY', KEYS[2], batches) - batches
      local id
      for i = 1, batches do
        id = redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', oldest), '*',
            'n', string.format('%.0f', before + i), 'b', ARGV[3 + i])
      end
      redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[3])
      redis.call('PEXPIRE', KEYS[1], ARGV[2])
      redis.call('PEXPIRE', KEYS[2], ARGV[2])
      return id
      """),

  /** Adds a chunk to a snapshot that is not in place yet. Arguments: the chunk, its expiry. */
  ADD_CHUNK(
      ScriptOutputType.INTEGER,
      """
      local chunks = redis.call('RPUSH', KEYS[1], ARGV[1])
      redis.call('PEXPIRE', KEYS[1], ARGV[2])
      return chunks
      """),

  /**
   * Puts a snapshot in place if it is whole; the one before stays for those who are reading it.
   * Arguments: id, position, number of chunks, expiry, prefix of chunk keys, expiry of the old one.
   * Returns 1 when it is in place.
   */
  PUT_SNAPSHOT(
      ScriptOutputType.INTEGER,
      """
      if redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[3]) then return 0 end
      local old = redis.call('HGET', KEYS[1], 'id')
      redis.call('HSET', KEYS[1], 'id', ARGV[1], 'position', ARGV[2], 'chunks', ARGV[3])
      redis.call('PEXPIRE', KEYS[1], ARGV[4])
      redis.call('PEXPIRE', KEYS[2], ARGV[4])
      if old and old ~= ARGV[1] then redis.call('PEXPIRE', ARGV[5] .. old, ARGV[6]) end
      return 1
      """);

  private final ScriptOutputType output;
  private final String source;
  private final String digest;

  RedisScript(ScriptOutputType output, String source) {
    this.output = output;
    this.source = source;
    this.digest = sha1(source);
  }

  /** Runs it; sends its source only to a server that does not know it yet. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the kind of output decides, as in Lettuce
  <T extends @Nullable Object> T run(RedisLink link, List<String> keys, byte[]... arguments)
      throws StoreException {
    String[] names = keys.toArray(String[]::new);
    try {
      return link.call(redis -> redis.evalsha(digest, output, names, arguments));
    } catch (StoreException e) {
      if (e.getCause() instanceof RedisNoScriptException) {
        return link.call(redis -> redis.eval(source, output, names, arguments));
      }
      throw e;
    }
  }

  static byte[] argument(Object value) {
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String sha1(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(argument(text));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
