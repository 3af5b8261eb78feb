package ai.llmd.epp.sidecar.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes into the usage of an answer how many tokens of the prompt the prefill server had cached:
 * the decode server knows only what came from there. In event streams each line that has a usage is
 * changed, and in a JSON body the one it has; every other byte stays.
 */
public final class CachedTokens implements BodyTransform {

  private enum Mode {
    UNDECIDED,
    WHOLE,
    LINES,
    AS_IS
  }

  private static final int MAX_WHOLE = 16 << 20; // bytes; a longer body is left as it is
  private static final int MAX_LINE = 1 << 20; // bytes; a longer line is left as it is
  private static final ByteBuf USAGE =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer("\"usage\"".getBytes(US_ASCII)));
  private static final byte[] DATA = "data:".getBytes(US_ASCII);

  private final long cached;
  private Mode mode;
  private ByteBuf held = Unpooled.EMPTY_BUFFER; // a body or a line that is not whole yet

  private CachedTokens(long cached, Mode mode) {
    this.cached = cached;
    this.mode = mode;
  }

  /** For an answer with this head; null when its body is packed. */
  public static @Nullable BodyTransform in(HttpResponse head, long cached) {
    String encoding = head.headers().get(HttpHeaderNames.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return null;
    }
    String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    boolean isStream =
        type.regionMatches(true, 0, "text/event-stream", 0, "text/event-stream".length());
    return new CachedTokens(cached, isStream ? Mode.LINES : Mode.UNDECIDED);
  }

  /** A JSON object with the usage changed; null when it has none. */
  public static byte @Nullable [] rewritten(byte[] json, long cached) {
    JsonObject answer;
    try {
      answer = JsonObject.parse(json);
    } catch (InvalidJsonException e) {
      return null;
    }
    JsonObject usage = answer.object("usage");
    if (usage == null) {
      return null;
    }
    JsonObject details = usage.object("prompt_tokens_details");
    JsonObject known = details == null ? JsonObject.empty() : details;
    return answer
        .edit()
        .set(
            "usage",
            usage.edit().set("prompt_tokens_details", known.edit().set("cached_tokens", cached)))
        .toBytes();
  }

  @Override
  public boolean isWhole() {
    return mode == Mode.UNDECIDED || mode == Mode.WHOLE;
  }

  @Override
  public ByteBuf part(ByteBuf part) {
    if (mode == Mode.UNDECIDED) {
      decide(part);
    }
    return switch (mode) {
      case UNDECIDED, WHOLE -> whole(part);
      case LINES -> lines(part);
      case AS_IS -> part;
    };
  }

  private void decide(ByteBuf part) {
    for (int i = part.readerIndex(); i < part.writerIndex(); i++) {
      byte b = part.getByte(i);
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        mode = b == '{' ? Mode.WHOLE : Mode.LINES;
        return;
      }
    }
  }

  private ByteBuf whole(ByteBuf part) {
    ByteBuf all = joined(part);
    if (all.readableBytes() > MAX_WHOLE) {
      mode = Mode.AS_IS;
      return all;
    }
    held = all;
    return Unpooled.EMPTY_BUFFER;
  }

  private ByteBuf joined(ByteBuf part) {
    ByteBuf before = held;
    held = Unpooled.EMPTY_BUFFER;
    if (!before.isReadable()) {
      before.release();
      return part;
    }
    if (before.refCnt() == 1 && before.isWritable(part.readableBytes())) {
      before.writeBytes(part);
      part.release();
      return before;
    }
    int size = before.readableBytes() + part.readableBytes();
    ByteBuf longer = part.alloc().buffer(size * 2);
    longer.writeBytes(before).writeBytes(part);
    before.release();
    part.release();
    return longer;
  }

  private ByteBuf lines(ByteBuf part) {
    ByteBuf all = joined(part);
    int end = all.writerIndex();
    int lastLine = ByteBufUtil.indexOf(all, end, all.readerIndex(), (byte) '\n');
    if (lastLine < 0) {
      return unfinished(all);
    }
    if (lastLine == end - 1 && ByteBufUtil.indexOf(USAGE, all) < 0) {
      return all;
    }
    byte[] complete =
        ByteBufUtil.getBytes(all, all.readerIndex(), lastLine + 1 - all.readerIndex());
    int begun = end - lastLine - 1; // bytes of the next line
    if (begun > 0) {
      held = all.alloc().buffer(Math.max(256, begun)).writeBytes(all, lastLine + 1, begun);
    }
    ByteBuf changed = all.alloc().buffer(complete.length + 64);
    all.release();
    eachLine(complete, changed);
    return changed;
  }

  private ByteBuf unfinished(ByteBuf line) {
    if (line.readableBytes() > MAX_LINE) {
      return line;
    }
    held = line;
    return Unpooled.EMPTY_BUFFER;
  }

  private void eachLine(byte[] lines, ByteBuf out) {
    int start = 0;
    for (int i = 0; i < lines.length; i++) {
      if (lines[i] == '\n') {
        line(lines, start, i + 1, out);
        start = i + 1;
      }
    }
    if (start < lines.length) {
      line(lines, start, lines.length, out);
    }
  }

  private void line(byte[] lines, int start, int end, ByteBuf out) {
    int payload = start + DATA.length;
    int payloadEnd = end;
    while (payloadEnd > start && lines[payloadEnd - 1] <= ' ' && lines[payloadEnd - 1] >= 0) {
      payloadEnd--;
    }
    if (payload < payloadEnd && Arrays.equals(lines, start, payload, DATA, 0, DATA.length)) {
      while (payload < payloadEnd && lines[payload] == ' ') {
        payload++;
      }
      byte[] changed =
          lines[payload] == '{'
              ? rewritten(Arrays.copyOfRange(lines, payload, payloadEnd), cached)
              : null;
      if (changed != null) {
        out.writeBytes(lines, start, payload - start);
        out.writeBytes(changed);
        out.writeBytes(lines, payloadEnd, end - payloadEnd);
        return;
      }
    }
    out.writeBytes(lines, start, end - start);
  }

  @Override
  public ByteBuf end() {
    ByteBuf rest = held;
    held = Unpooled.EMPTY_BUFFER;
    if (!rest.isReadable() || mode == Mode.AS_IS) {
      return rest;
    }
    byte[] bytes = ByteBufUtil.getBytes(rest);
    ByteBuf out = rest.alloc().buffer(bytes.length + 64);
    rest.release();
    if (mode == Mode.LINES) {
      eachLine(bytes, out);
      return out;
    }
    byte[] changed = rewritten(bytes, cached);
    return out.writeBytes(changed == null ? bytes : changed);
  }
}
