package ai.llmd.epp.domain.planted;

final class ReadsTheClock {
  long now() {
    return System.nanoTime();
  }
}
