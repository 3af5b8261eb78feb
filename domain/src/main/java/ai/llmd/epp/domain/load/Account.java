package ai.llmd.epp.domain.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The balance of one endpoint in one life. */
final class Account {

  private static final VarHandle REQUESTS = handle("requests");
  private static final VarHandle TOKENS = handle("tokens");

  final long incarnation;
  private final boolean isClosed;
  private final Runnable changed;
  private volatile long requests;
  private volatile long tokens;
  private volatile long remoteRequests;
  private volatile long remoteTokens;

  /**
   * @param isClosed the endpoint has gone: bookings are accepted and not shown
   * @param changed called after every booking of this replica; cheap
   */
  Account(long incarnation, boolean isClosed, Runnable changed) {
    this.incarnation = incarnation;
    this.isClosed = isClosed;
    this.changed = changed;
  }

  /** Over all replicas. */
  long requests() {
    return isClosed ? 0 : requests + remoteRequests;
  }

  /** Over all replicas. */
  long tokens() {
    return isClosed ? 0 : tokens + remoteTokens;
  }

  long peerRequests() {
    return isClosed ? 0 : remoteRequests;
  }

  long ownRequests() {
    return isClosed ? 0 : requests;
  }

  long ownTokens() {
    return isClosed ? 0 : tokens;
  }

  void add(long moreRequests, long moreTokens) {
    if (moreRequests != 0) {
      REQUESTS.getAndAdd(this, moreRequests);
    }
    if (moreTokens != 0) {
      TOKENS.getAndAdd(this, moreTokens);
    }
    changed.run();
  }

  /** What the other replicas have there now. One thread. */
  void putRemote(long newRequests, long newTokens) {
    remoteRequests = newRequests;
    remoteTokens = newTokens;
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(Account.class, field, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
