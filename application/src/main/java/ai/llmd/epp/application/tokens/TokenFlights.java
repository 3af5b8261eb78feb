package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.domain.calls.WithoutResultException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Requests with the same prompt wait for one look-up, which ends early when all of them are gone.
 * Any thread.
 */
final class TokenFlights {

  /** Look-ups at once. */
  static final int MAX_FLIGHTS = 256;

  /** Bytes of their bodies. */
  static final long MAX_BYTES = 64L << 20;

  private final Map<TokenKey, Flight> flights = new HashMap<>(); // guarded by this
  private int running; // guarded by this
  private long bytes; // guarded by this

  /** A look-up. */
  @FunctionalInterface
  interface Work {

    List<Tokens> run() throws InterruptedException;
  }

  /** Prepares a look-up, by the thread that is the first to ask. */
  @FunctionalInterface
  interface Preparation {

    Work prepare();
  }

  private static final class Flight {

    private final CompletableFuture<List<Tokens>> result = new CompletableFuture<>();
    private int waiting = 1;
    private @Nullable Thread thread;
    private boolean isUnwanted;
  }

  /**
   * Waits for the tokens of a prompt.
   *
   * @param size of the prompt's body in bytes
   * @param work if nothing looks the prompt up yet
   * @throws WithoutResultException when they cannot be had, or too many others are looked up
   */
  List<Tokens> await(TokenKey key, long size, Preparation work) throws InterruptedException {
    Flight flight;
    boolean isFirst = false;
    synchronized (this) {
      flight = flights.get(key);
      if (flight != null) {
        flight.waiting++;
      } else {
        if (running >= MAX_FLIGHTS || (running > 0 && bytes + size > MAX_BYTES)) {
          throw new WithoutResultException("has too many prompts to tokenize at once");
        }
        flight = new Flight();
        flights.put(key, flight);
        running++;
        bytes += size;
        isFirst = true;
      }
    }
    if (isFirst) {
      start(key, flight, size, work);
    }
    try {
      return flight.result.get();
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      leave(key, flight);
    }
  }

  private void start(TokenKey key, Flight flight, long size, Preparation preparation) {
    Work work;
    try {
      work = preparation.prepare();
    } catch (RuntimeException | Error e) {
      end(key, flight, size);
      flight.result.completeExceptionally(e);
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("tokenize")
            .unstarted(
                () -> {
                  try {
                    flight.result.complete(work.run());
                  } catch (InterruptedException e) {
                    flight.result.cancel(false);
                  } catch (RuntimeException | Error e) {
                    flight.result.completeExceptionally(e);
                  } finally {
                    end(key, flight, size);
                  }
                });
    synchronized (this) {
      flight.thread = thread;
    }
    thread.start();
  }

  private synchronized void end(TokenKey key, Flight flight, long size) {
    flights.remove(key, flight);
    running--;
    bytes -= size;
  }

  private synchronized void leave(TokenKey key, Flight flight) {
    flight.waiting--;
    Thread thread = flight.thread;
    if (flight.waiting == 0 && !flight.isUnwanted && thread != null) {
      flight.isUnwanted = true;
      flights.remove(key, flight); // whoever asks now begins anew
      if (!flight.result.isDone()) {
        thread.interrupt();
      }
    }
  }

  private static RuntimeException failure(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof WithoutResultException known
        ? new WithoutResultException(known.reason())
        : new IllegalStateException(cause);
  }
}
