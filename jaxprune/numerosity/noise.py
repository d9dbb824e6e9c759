"""RDMs of condition means, with and without the noise that the means carry."""

from __future__ import annotations

import numpy as np

from .cells import CellMoments


def noise_corrected_rdm(cells: CellMoments) -> np.ndarray:
    r"""RDM of correlations, corrected for the noise of condition means.

    The mean :math:`\bar x_i` of :math:`m_i` images is the pattern of condition i plus
    noise. Noise of two conditions is independent, so it leaves their product
    unchanged on average; but it adds to the squared length of each. With
    :math:`\tilde x_i`, the mean less its average over the N units, and :math:`M_i`,
    the squared deviations,

    .. math::

        d_{ij} = 1 - \frac{\tilde x_i \cdot \tilde x_j}
        {\sqrt{(|\tilde x_i|^2 - b_i)(|\tilde x_j|^2 - b_j)}}, \quad
        b_i = \frac{N - 1}{N} \sum_{k=1}^{N} \frac{M_{ik}}{m_i (m_i - 1)}

    Numerator and squared lengths are unbiased where the noise correlations of units
    are 0 on average; a mean correlation :math:`\rho` makes :math:`b_i` too large by
    the share :math:`\rho`. Their ratio is consistent: its bias falls with N.

    Parameters
    ----------
    cells : CellMoments
        One cell for each condition.

    Returns
    -------
    ndarray (n, n), float64
        Beyond the range 0 to 2 where noise makes it so. NaN in the pairs of a
        condition whose pattern is no longer than its noise.

    Raises
    ------
    ValueError
        A cell of one image, which says nothing about noise.

    References
    ----------
    .. [1] Spearman (1904), The proof and measurement of association between two
       things, American Journal of Psychology 15, 72-101: correction for attenuation.
    .. [2] Diedrichsen & Kriegeskorte (2017), Representational models, PLoS
       Computational Biology 13:e1005508: the bias of second moments.

    Examples
    --------
    >>> from jaxprune.numerosity import cell_moments
    >>> rng = np.random.default_rng(0)
    >>> pattern = rng.normal(size=20_000)  # the same in both conditions
    >>> images = pattern + 2 * rng.normal(size=(8, 20_000))
    >>> cells = cell_moments(images, {"condition": [0] * 4 + [1] * 4})
    >>> rdms = 1 - np.corrcoef(cells.mean), noise_corrected_rdm(cells)
    >>> [f"{rdm[0, 1]:.2f}" for rdm in rdms]
    ['0.51', '0.02']
    """
    if (cells.count < 2).any():
        cell = int(np.argmax(cells.count < 2))
        raise ValueError(
            f"cells: cell {cell} (counted from 0) has {cells.count[cell]} image; "
            "expected at least two in each, without which noise cannot be told from "
            "the pattern."
        )
    x = cells.mean - cells.mean.mean(1, keepdims=True)
    products = x @ x.T
    noise = cells.m2.sum(1) / (cells.count * (cells.count - 1.0))
    squared = np.diag(products) - (1 - 1 / cells.n_units) * noise
    length = np.sqrt(squared, out=np.full(len(x), np.nan), where=squared > 0)
    rdm = 1 - products / (length[:, None] * length)
    np.fill_diagonal(rdm, 0)
    return rdm
