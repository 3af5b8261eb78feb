package ai.llmd.epp.adapter.k8s.connection;

import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The watches that are open, and when each kind gave its last sign of life. Any thread. */
final class WatchSockets {

  private final LongSupplier nanoClock;
  private final Set<Watched> open = ConcurrentHashMap.newKeySet();

  /** By the plural names of kinds, of which there are a handful. */
  private final Map<String, Long> heard = new ConcurrentHashMap<>();

  WatchSockets(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  long heardNanos(String kind, long otherwise) {
    return heard.getOrDefault(kind, otherwise);
  }

  /**
   * A listener that notes the signs of life of its socket.
   *
   * @param uri of the watch; the last part of its path is the kind
   */
  WebSocket.Listener watched(URI uri, WebSocket.Listener listener) {
    String path = uri.getPath();
    return new Watched(path.substring(path.lastIndexOf('/') + 1), listener);
  }

  void endSilent(Duration dead) {
    long now = nanoClock.getAsLong();
    open.stream().filter(socket -> socket.isSilent(now, dead)).forEach(Watched::giveUp);
  }

  /** One socket. What comes after its end is not passed on. */
  private final class Watched implements WebSocket.Listener {

    private final String kind;
    private final WebSocket.Listener listener;
    private volatile long lastNanos;
    private @Nullable WebSocket socket; // guarded by this
    private boolean hasEnded; // guarded by this

    Watched(String kind, WebSocket.Listener listener) {
      this.kind = kind;
      this.listener = listener;
    }

    private void hear() {
      long now = nanoClock.getAsLong();
      lastNanos = now;
      heard.put(kind, now);
    }

    boolean isSilent(long now, Duration dead) {
      return now - lastNanos >= dead.toNanos();
    }

    /** Ends it without the word of the other end, which is not there. */
    synchronized void giveUp() {
      if (socket != null && !hasEnded) {
        end();
        socket.abort();
        listener.onError(socket, new IOException("no sign of life"));
      }
    }

    private void end() {
      hasEnded = true;
      open.remove(this);
    }

    @Override
    public synchronized void onOpen(WebSocket opened) {
      socket = opened;
      hear();
      open.add(this);
      listener.onOpen(opened);
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onText(
        WebSocket from, CharSequence data, boolean isLast) {
      hear();
      return hasEnded ? null : listener.onText(from, data, isLast);
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onBinary(
        WebSocket from, ByteBuffer data, boolean isLast) {
      hear();
      return hasEnded ? null : listener.onBinary(from, data, isLast);
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
      hear();
      return hasEnded ? null : listener.onPing(from, message);
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
      hear();
      return hasEnded ? null : listener.onPong(from, message);
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onClose(
        WebSocket from, int status, String reason) {
      if (hasEnded) {
        return null;
      }
      end();
      return listener.onClose(from, status, reason);
    }

    @Override
    public synchronized void onError(WebSocket from, Throwable failure) {
      if (!hasEnded) {
        end();
        listener.onError(from, failure);
      }
    }
  }
}
