"""Link releases with nearly the same text, at a cost that does not grow with how many of them there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import bindparam, insert, select, union_all
from sqlalchemy.orm import Session

from vectorstore.likeness import BANDS, NEAR, bands, unpacked
from vectorstore.recording import portions
from vectorstore.tables import BandRow, NearRow, SignatureRow

# Of the releases that share a band with a new one it is compared with so many, those that were compared last: where
# hundreds fill in one form, all would otherwise be compared with all.
_OF_A_BAND = 50
# …and it is linked to so many, the most alike.
_LINKED = 50


@dataclass(frozen=True)
class NearDuplicate:
    """A release with nearly the same text; `likeness` estimates the share of word runs that they have in common."""

    release_id: str
    likeness: float


def near_of(session: Session, release_ids: Sequence[str]) -> dict[str, list[NearDuplicate]]:
    """For each of these releases those with nearly the same text, most alike first; none where there are none."""
    found: dict[str, list[NearDuplicate]] = {}
    for ids in portions(set(release_ids)):
        query = select(NearRow).where(NearRow.release_id.in_(ids)).order_by(NearRow.likeness.desc(), NearRow.other_id)
        for row in session.scalars(query):
            found.setdefault(row.release_id, []).append(NearDuplicate(row.other_id, row.likeness))
    return found


def link(session: Session, fresh: Sequence[SignatureRow]) -> None:
    """Link releases whose signatures were just added with those that came before them."""
    own = {row.number: dict(enumerate(bands(unpacked(row.signature)))) for row in fresh}
    rows = [{"band": band, "number": number} for number, of_it in own.items() for band in set(of_it.values())]
    if not rows:
        return
    session.execute(insert(BandRow), rows)
    pairs: list[dict[str, str | float]] = []
    for row in fresh:
        given = {"number": row.number} | {f"band{place}": band for place, band in own[row.number].items()}
        beside = session.execute(_SHARING_A_BAND, given).all()
        if not beside:
            continue
        shares = np.mean(np.stack([unpacked(kept) for _, kept in beside]) == unpacked(row.signature), axis=1)
        alike = [(float(share), one.release_id) for share, one in zip(shares, beside, strict=True) if share >= NEAR]
        for share, other in sorted(alike, key=lambda found: (-found[0], found[1]))[:_LINKED]:
            pairs += [
                {"release_id": row.release_id, "other_id": other, "likeness": share},
                {"release_id": other, "other_id": row.release_id, "likeness": share},
            ]
    if pairs:
        session.execute(insert(NearRow), pairs)


# Every band is looked up by itself, so that the database stops at the limit rather than going over all that share it.
_SHARING_A_BAND = select(SignatureRow.release_id, SignatureRow.signature).where(
    SignatureRow.number.in_(
        union_all(
            *(
                select(
                    select(BandRow.number)
                    .where(BandRow.band == bindparam(f"band{place}"), BandRow.number < bindparam("number"))
                    .order_by(BandRow.number.desc())
                    .limit(_OF_A_BAND)
                    .subquery()
                )
                for place in range(BANDS)
            )
        )
    )
)
