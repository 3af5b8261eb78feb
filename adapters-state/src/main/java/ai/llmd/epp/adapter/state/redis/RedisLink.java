package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.adapter.state.redis.RedisConnector.Connection;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One connection, opened when it is first needed and again after a failure. A server that does not
 * answer in time loses its connection: what it answers later would be mistaken for the answer to
 * something else, and a dead peer is distinguished from a slow one by a new connection only.
 */
final class RedisLink implements AutoCloseable {

  private final RedisConnector connector;
  private final RedisSettings settings;

  // written under the lock of this, which is held while a connection is opened
  private volatile @Nullable Connection connection;
  private volatile boolean isClosed;

  RedisLink(RedisConnector connector, RedisSettings settings) {
    this.connector = connector;
    this.settings = settings;
  }

  /** Something to ask. */
  @FunctionalInterface
  interface Command<T extends @Nullable Object> {
    CompletionStage<T> on(RedisClusterAsyncCommands<String, byte[]> redis);
  }

  /** The answer, within the two timeouts. */
  <T extends @Nullable Object> T call(Command<T> command) throws StoreException {
    return call(Duration.ZERO, command);
  }

  /**
   * The answer to something that the server may take its time for.
   *
   * @param wait beside the timeouts
   */
  <T extends @Nullable Object> T call(Duration wait, Command<T> command) throws StoreException {
    Connection used = connected();
    try {
      return within(
          settings.timeout().plus(wait), command.on(used.commands()).toCompletableFuture());
    } catch (TimeoutException e) {
      drop(used);
      throw failure("did not answer within " + settings.timeout().toMillis() + "ms", e);
    } catch (ExecutionException e) {
      throw failure(used, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      drop(used);
      throw interrupted(e);
    } catch (RuntimeException e) { // refused without being sent
      throw failure(used, e);
    }
  }

  private static <T extends @Nullable Object> T within(Duration time, CompletableFuture<T> answer)
      throws TimeoutException, ExecutionException, InterruptedException {
    return answer.get(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Connection connected() throws StoreException {
    Connection now = connection;
    return now != null && now.isOpen() && !isClosed ? now : connect();
  }

  private synchronized Connection connect() throws StoreException {
    if (isClosed) {
      throw closed(null);
    }
    Connection now = connection;
    if (now != null && now.isOpen()) {
      return now;
    }
    drop(now);
    Connection opened = open();
    connection = opened;
    if (isClosed) {
      opened.close();
      throw closed(null);
    }
    return opened;
  }

  private Connection open() throws StoreException {
    CompletableFuture<Connection> opening;
    try {
      opening = connector.connect();
    } catch (RuntimeException e) {
      throw failure(RedisFailure.of(e).sentence(), e);
    }
    try {
      return within(settings.connectTimeout(), opening);
    } catch (TimeoutException e) {
      closeWhenOpened(opening);
      throw failure(
          "could not be connected to within " + settings.connectTimeout().toMillis() + "ms", e);
    } catch (ExecutionException | CancellationException e) {
      throw failure(RedisFailure.of(e).sentence(), e);
    } catch (InterruptedException e) {
      closeWhenOpened(opening);
      throw interrupted(e);
    }
  }

  private static void closeWhenOpened(CompletableFuture<Connection> opening) {
    var _ =
        opening.whenComplete(
            (late, failure) -> {
              if (late != null) {
                late.close();
              }
            });
  }

  private StoreException failure(Connection used, Throwable cause) {
    RedisFailure failure = RedisFailure.of(cause);
    if (failure.needsConnection()) {
      drop(used);
    }
    return failure(failure.sentence(), cause);
  }

  private StoreException failure(String sentence, Throwable cause) {
    return isClosed
        ? closed(cause)
        : new StoreException("redis at " + settings.address() + ' ' + sentence, cause);
  }

  private StoreException closed(@Nullable Throwable cause) {
    String sentence = "the log at " + settings.address() + " is closed";
    return cause == null ? new StoreException(sentence) : new StoreException(sentence, cause);
  }

  private static StoreException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new StoreException("interrupted", e);
  }

  private static void drop(@Nullable Connection broken) {
    if (broken != null) {
      broken.close();
    }
  }

  /** Later calls throw at once. What is open is the connector's to close. */
  @Override
  public void close() {
    isClosed = true;
  }
}
