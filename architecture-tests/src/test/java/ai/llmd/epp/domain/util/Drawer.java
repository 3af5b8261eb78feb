package ai.llmd.epp.domain.util;

final class Drawer {}
