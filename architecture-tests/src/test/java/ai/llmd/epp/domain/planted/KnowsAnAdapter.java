package ai.llmd.epp.domain.planted;

import ai.llmd.epp.adapter.metrics.planted.AnAdapter;

final class KnowsAnAdapter {
  final AnAdapter adapter = new AnAdapter();
}
