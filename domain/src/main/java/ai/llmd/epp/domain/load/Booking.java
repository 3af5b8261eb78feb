package ai.llmd.epp.domain.load;

import java.util.concurrent.atomic.AtomicLong;

/** An entry that takes its amounts out of itself before it takes them off the account. */
final class Booking implements LoadLedger.Entry {

  private final Account account;
  private final AtomicLong requests;
  private final AtomicLong tokens;

  Booking(Account account, long requests, long tokens) {
    this.account = account;
    this.requests = new AtomicLong(requests);
    this.tokens = new AtomicLong(tokens);
    account.add(requests, tokens);
  }

  @Override
  public void releaseTokens() {
    account.add(0, -tokens.getAndSet(0));
  }

  @Override
  public void release() {
    account.add(-requests.getAndSet(0), -tokens.getAndSet(0));
  }
}
