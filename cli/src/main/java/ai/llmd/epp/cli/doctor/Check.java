package ai.llmd.epp.cli.doctor;

import java.util.List;

/** Looks for one kind of unwise thing. */
interface Check {

  List<Remark> look(Examined examined);
}
