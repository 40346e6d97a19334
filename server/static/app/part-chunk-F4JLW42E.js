import{z as t}from"./part-chunk-MNP2WDSL.js";function p({title:n,children:o}){return t("section",{class:"empty",children:[t("h2",{children:n}),t("p",{children:o})]})}export{p as a};
