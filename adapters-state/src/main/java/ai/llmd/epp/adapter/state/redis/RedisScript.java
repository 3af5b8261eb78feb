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
   * a reader can see whether any is missing. What another program has put in the place of the count
   * gives way, and so does a log whose positions are used up. Arguments: retention and expiry in
   * milliseconds, most entries, batches. Returns the last position.
   */
  APPEND(
      ScriptOutputType.VALUE,
      """
      local now = redis.call('TIME')
      local oldest = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
      local batches = #ARGV - 3
      local counted = redis.pcall('INCRBY', KEYS[2], batches)
      if type(counted) ~= 'number' or counted < batches or counted > 2^52 then
        if type(counted) ~= 'number' and not (counted.err:find('not an integer')
            or counted.err:find('WRONGTYPE') or counted.err:find('overflow')) then
          return counted
        end
        redis.call('UNLINK', KEYS[2])
        counted = redis.call('INCRBY', KEYS[2], batches)
      end
      local before = counted - batches
      local function add(i)
        return redis.pcall('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', oldest), '*',
            'n', string.format('%.0f', before + i), 'b', ARGV[3 + i])
      end
      local id
      for i = 1, batches do
        id = add(i)
        if type(id) == 'table' and (id.err:find('last possible') or id.err:find('equal or smaller')) then
          redis.call('UNLINK', KEYS[1])
          id = add(i)
        end
        if type(id) == 'table' then return id end
      end
      redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[3])
      redis.call('PEXPIRE', KEYS[1], ARGV[2])
      redis.call('PEXPIRE', KEYS[2], ARGV[2])
      return id
      """),

  /**
   * Reads the log behind a position, one entry after another, so that no more is in memory than one
   * page: others can write entries of any size. Arguments: position, most entries, most bytes of a
   * page, most bytes of an entry. Returns position, number and batch of each entry in turn; what is
   * larger than an entry may be is left empty.
   */
  READ(
      ScriptOutputType.MULTI,
      """
      local page, last, bytes = {}, ARGV[1], 0
      local most, room, size = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
      while #page < 3 * most and bytes < room do
        local found = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)[1]
        if not found then break end
        last = found[1]
        local n, b = '', ''
        for i = 1, #found[2], 2 do
          local value = found[2][i + 1]
          if #value <= size then
            if found[2][i] == 'n' then n = value elseif found[2][i] == 'b' then b = value end
          end
        end
        bytes = bytes + #n + #b
        table.insert(page, last)
        table.insert(page, n)
        table.insert(page, b)
      end
      return page
      """),

  /** Positions of the first and the last entry of the log, and none when it is empty. */
  EXTENT(
      ScriptOutputType.MULTI,
      """
      local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
      if not oldest then return {} end
      return {oldest[1], redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][1]}
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
   * Puts a snapshot in place if it is whole; the one before stays for those who are reading it, and
   * anything else in its place goes. Arguments: id, position, number of chunks, expiry, prefix of
   * chunk keys, expiry of the old one. Returns 1 when it is in place.
   */
  PUT_SNAPSHOT(
      ScriptOutputType.INTEGER,
      """
      if redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[3]) then return 0 end
      local old = redis.pcall('HGET', KEYS[1], 'id')
      if type(old) == 'table' then
        if not old.err:find('WRONGTYPE') then return old end
        redis.call('UNLINK', KEYS[1])
        old = false
      end
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
