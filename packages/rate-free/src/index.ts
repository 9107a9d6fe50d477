/** Rules that find their rate: Prodigy, D-Adaptation, DoG, DoWG, Momo, Polyak. */
export {};
