package ai.llmd.epp.domain.health;

/** Counts what an endpoint's health reports. */
final class Noted implements EndpointHealth.Listener {

  int claims;
  int returns;

  @Override
  public void claimChanged() {
    claims++;
  }

  @Override
  public void cameBack(long nowNanos) {
    returns++;
  }
}
