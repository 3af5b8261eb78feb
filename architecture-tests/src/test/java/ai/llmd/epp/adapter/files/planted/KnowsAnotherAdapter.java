package ai.llmd.epp.adapter.files.planted;

import ai.llmd.epp.adapter.metrics.planted.AnAdapter;

final class KnowsAnotherAdapter {
  final AnAdapter adapter = new AnAdapter();
}
