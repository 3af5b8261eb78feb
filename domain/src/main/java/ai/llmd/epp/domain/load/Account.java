package ai.llmd.epp.domain.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The balance of one endpoint in one life. */
final class Account {

  private static final VarHandle REQUESTS = handle("requests");
  private static final VarHandle TOKENS = handle("tokens");

  final long incarnation;
  private final boolean isClosed;
  private volatile long requests;
  private volatile long tokens;

  /**
   * @param isClosed the endpoint has gone: bookings are accepted and not shown
   */
  Account(long incarnation, boolean isClosed) {
    this.incarnation = incarnation;
    this.isClosed = isClosed;
  }

  long requests() {
    return isClosed ? 0 : requests;
  }

  long tokens() {
    return isClosed ? 0 : tokens;
  }

  void add(long moreRequests, long moreTokens) {
    if (moreRequests != 0) {
      REQUESTS.getAndAdd(this, moreRequests);
    }
    if (moreTokens != 0) {
      TOKENS.getAndAdd(this, moreTokens);
    }
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(Account.class, field, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
