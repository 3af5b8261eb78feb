/** Request and response formats: from body bytes to what the domain needs to know of them. */
@NullMarked
package ai.llmd.epp.adapter.extproc.body;

import org.jspecify.annotations.NullMarked;
